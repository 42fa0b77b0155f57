// SPDX-License-Identifier: MIT
/// \file Finds no function by name: no library is asked for one.
#ifndef TASKLEAK_DETAIL_PLATFORM_PORTABLE_EXPORTED_FUNCTION_HPP
#define TASKLEAK_DETAIL_PLATFORM_PORTABLE_EXPORTED_FUNCTION_HPP

namespace taskleak::inline v0::detail {

/// Calls nothing: no function is known by its name.
template <class F>
void for_each_exported_function(const char*, F&&) {}

}  // namespace taskleak::inline v0::detail

#endif
