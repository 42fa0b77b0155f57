// SPDX-License-Identifier: MIT
/// \file Lets a signal through to a thread that has blocked it, where there is a back end that can.
#ifndef TASKLEAK_DETAIL_PLATFORM_SIGNAL_LET_THROUGH_HPP
#define TASKLEAK_DETAIL_PLATFORM_SIGNAL_LET_THROUGH_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/signal_let_through.hpp>
#endif

#endif
