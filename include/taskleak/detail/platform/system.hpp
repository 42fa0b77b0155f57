// SPDX-License-Identifier: MIT
/// \file Gives the small things that every system has: time, ids of threads, waiting for a word to change.
#ifndef TASKLEAK_DETAIL_PLATFORM_SYSTEM_HPP
#define TASKLEAK_DETAIL_PLATFORM_SYSTEM_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/system.hpp>
#else
#include <taskleak/detail/platform/portable/system.hpp>
#endif

#endif
