// SPDX-License-Identifier: MIT
/// \file Keeps the standard's clock, since there is no quicker one.
#ifndef TASKLEAK_DETAIL_PLATFORM_PORTABLE_VDSO_HPP
#define TASKLEAK_DETAIL_PLATFORM_PORTABLE_VDSO_HPP

namespace taskleak::inline v0::detail {

inline void take_clock_of_vdso() noexcept {}

}  // namespace taskleak::inline v0::detail

#endif
