// SPDX-License-Identifier: MIT
/// \file Says why threads go unseen that the program or a shared library creates.
#ifndef TASKLEAK_DETAIL_PLATFORM_SELF_CHECK_HPP
#define TASKLEAK_DETAIL_PLATFORM_SELF_CHECK_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/self_check.hpp>
#else
#include <taskleak/detail/platform/portable/self_check.hpp>
#endif

#endif
