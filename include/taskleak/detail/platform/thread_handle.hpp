// SPDX-License-Identifier: MIT
/// \file Keeps a thread's native handle as a number.
#ifndef TASKLEAK_DETAIL_PLATFORM_THREAD_HANDLE_HPP
#define TASKLEAK_DETAIL_PLATFORM_THREAD_HANDLE_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/thread_handle.hpp>
#else
#include <taskleak/detail/platform/portable/thread_handle.hpp>
#endif

#endif
