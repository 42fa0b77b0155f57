// SPDX-License-Identifier: MIT
/// \file Reads memory of this process that may not be there.
#ifndef TASKLEAK_DETAIL_PLATFORM_FOREIGN_MEMORY_HPP
#define TASKLEAK_DETAIL_PLATFORM_FOREIGN_MEMORY_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/foreign_memory.hpp>
#else
#include <taskleak/detail/platform/portable/foreign_memory.hpp>
#endif

#endif
