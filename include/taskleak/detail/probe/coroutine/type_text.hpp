// SPDX-License-Identifier: MIT
/// \file Gives a type's name without RTTI, inside of a text from which a report takes the name.
#ifndef TASKLEAK_DETAIL_PROBE_COROUTINE_TYPE_TEXT_HPP
#define TASKLEAK_DETAIL_PROBE_COROUTINE_TYPE_TEXT_HPP

namespace taskleak::inline v0::detail {

/// Returns the compiler's own text of this function. The type's name stands behind `T = ` (GCC and Clang) or between `<` and
/// `>(`.
template <class T>
constexpr const char* type_text() noexcept {
#if defined(_MSC_VER)
  return __FUNCSIG__;
#else
  return __PRETTY_FUNCTION__;
#endif
}

}  // namespace taskleak::inline v0::detail

#endif
