// SPDX-License-Identifier: MIT
/// \file Keeps a cancellation of the calling thread from acting inside of taskleak.
#ifndef TASKLEAK_DETAIL_PLATFORM_WITHOUT_CANCELLATION_HPP
#define TASKLEAK_DETAIL_PLATFORM_WITHOUT_CANCELLATION_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/without_cancellation.hpp>
#else
#include <taskleak/detail/platform/portable/without_cancellation.hpp>
#endif

#endif
