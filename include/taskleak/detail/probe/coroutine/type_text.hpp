// SPDX-License-Identifier: MIT
/// \file A type's name without RTTI, as raw material: a report takes the name out of the text.
#ifndef TASKLEAK_DETAIL_PROBE_COROUTINE_TYPE_TEXT_HPP
#define TASKLEAK_DETAIL_PROBE_COROUTINE_TYPE_TEXT_HPP

namespace taskleak::inline v0::detail {

/// The compiler's own text of this function, in which the name stands behind `T = ` (GCC and Clang) or between `<` and `>(`.
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
