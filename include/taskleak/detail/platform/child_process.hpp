// SPDX-License-Identifier: MIT
/// \file Tells whether this is a child of the process that is tracked: it has its parent's memory, one thread, and tracks
/// nothing.
#ifndef TASKLEAK_DETAIL_PLATFORM_CHILD_PROCESS_HPP
#define TASKLEAK_DETAIL_PLATFORM_CHILD_PROCESS_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/child_process.hpp>
#else
#include <taskleak/detail/platform/portable/child_process.hpp>
#endif

#endif
