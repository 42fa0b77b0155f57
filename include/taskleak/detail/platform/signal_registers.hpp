// SPDX-License-Identifier: MIT
/// \file Says where the registers are that a signal has interrupted. Of the Linux back end only.
#ifndef TASKLEAK_DETAIL_PLATFORM_SIGNAL_REGISTERS_HPP
#define TASKLEAK_DETAIL_PLATFORM_SIGNAL_REGISTERS_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/signal_registers.hpp>
#else
#error "the portable back end has no signal handlers: include this on Linux only"
#endif

#endif
