// SPDX-License-Identifier: MIT
/// \file Takes memory from the system, past the allocator of the program.
#ifndef TASKLEAK_DETAIL_PLATFORM_PAGES_HPP
#define TASKLEAK_DETAIL_PLATFORM_PAGES_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/pages.hpp>
#else
#include <taskleak/detail/platform/portable/pages.hpp>
#endif

#endif
