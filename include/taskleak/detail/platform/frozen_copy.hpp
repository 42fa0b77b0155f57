// SPDX-License-Identifier: MIT
/// \file Runs code on a frozen copy of this process, where there is a back end that can make one.
#ifndef TASKLEAK_DETAIL_PLATFORM_FROZEN_COPY_HPP
#define TASKLEAK_DETAIL_PLATFORM_FROZEN_COPY_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/frozen_copy.hpp>
#endif

#endif
