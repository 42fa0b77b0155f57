// SPDX-License-Identifier: MIT
/// \file Looks at the threads of another process, where there is a back end that can.
#ifndef TASKLEAK_DETAIL_PLATFORM_OUTSIDE_LOOK_HPP
#define TASKLEAK_DETAIL_PLATFORM_OUTSIDE_LOOK_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/outside_look.hpp>
#endif

#endif
