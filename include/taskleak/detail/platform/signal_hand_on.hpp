// SPDX-License-Identifier: MIT
/// \file Gives a signal that taskleak has taken to what it would have done without taskleak. Of the Linux back end only.
#ifndef TASKLEAK_DETAIL_PLATFORM_SIGNAL_HAND_ON_HPP
#define TASKLEAK_DETAIL_PLATFORM_SIGNAL_HAND_ON_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/signal_hand_on.hpp>
#else
#error "the portable back end has no signal handlers: include this on Linux only"
#endif

#endif
