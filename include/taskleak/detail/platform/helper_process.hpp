// SPDX-License-Identifier: MIT
/// \file Makes children of this process that work for taskleak, where there is a back end that can make them.
#ifndef TASKLEAK_DETAIL_PLATFORM_HELPER_PROCESS_HPP
#define TASKLEAK_DETAIL_PLATFORM_HELPER_PROCESS_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/helper_process.hpp>
#endif

#endif
