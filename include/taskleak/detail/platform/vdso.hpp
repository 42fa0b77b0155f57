// SPDX-License-Identifier: MIT
/// \file Finds the quickest clock there is, for coarse_ms().
#ifndef TASKLEAK_DETAIL_PLATFORM_VDSO_HPP
#define TASKLEAK_DETAIL_PLATFORM_VDSO_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/vdso.hpp>
#else
#include <taskleak/detail/platform/portable/vdso.hpp>
#endif

#endif
