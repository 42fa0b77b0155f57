// SPDX-License-Identifier: MIT
/// \file Tells which addresses of this process have memory behind them.
#ifndef TASKLEAK_DETAIL_PLATFORM_MAPPED_MEMORY_HPP
#define TASKLEAK_DETAIL_PLATFORM_MAPPED_MEMORY_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/mapped_memory.hpp>
#else
#include <taskleak/detail/platform/portable/mapped_memory.hpp>
#endif

#endif
