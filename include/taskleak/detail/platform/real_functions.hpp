// SPDX-License-Identifier: MIT
/// \file Finds the functions that the hooks stand in front of. Of the Linux back end only.
#ifndef TASKLEAK_DETAIL_PLATFORM_REAL_FUNCTIONS_HPP
#define TASKLEAK_DETAIL_PLATFORM_REAL_FUNCTIONS_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/real_functions.hpp>
#else
#error "the portable back end has no hooks: include this on Linux only"
#endif

#endif
