// SPDX-License-Identifier: MIT
/// \file There is no quicker clock than the standard's.
#ifndef TASKLEAK_DETAIL_PLATFORM_PORTABLE_VDSO_HPP
#define TASKLEAK_DETAIL_PLATFORM_PORTABLE_VDSO_HPP

namespace taskleak::inline v0::detail {

inline void take_clock_of_vdso() noexcept {}

}  // namespace taskleak::inline v0::detail

#endif
