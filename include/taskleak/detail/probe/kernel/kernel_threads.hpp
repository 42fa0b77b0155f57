// SPDX-License-Identifier: MIT
/// \file Threads that nobody announced, by the kernel, where it tells.
#ifndef TASKLEAK_DETAIL_PROBE_KERNEL_KERNEL_THREADS_HPP
#define TASKLEAK_DETAIL_PROBE_KERNEL_KERNEL_THREADS_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/probe/kernel/kernel_probe.hpp>
#else
#include <taskleak/detail/probe/kernel/portable/kernel_probe.hpp>
#endif

#endif
