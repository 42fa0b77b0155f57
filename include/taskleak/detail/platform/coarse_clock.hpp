// SPDX-License-Identifier: MIT
/// \file Defines a clock that is cheap enough to be read at each suspension.
#ifndef TASKLEAK_DETAIL_PLATFORM_COARSE_CLOCK_HPP
#define TASKLEAK_DETAIL_PLATFORM_COARSE_CLOCK_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/coarse_clock.hpp>
#else
#include <taskleak/detail/platform/portable/coarse_clock.hpp>
#endif

#endif
