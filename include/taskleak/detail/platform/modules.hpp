// SPDX-License-Identifier: MIT
/// \file Lists the executable and the libraries that are loaded.
#ifndef TASKLEAK_DETAIL_PLATFORM_MODULES_HPP
#define TASKLEAK_DETAIL_PLATFORM_MODULES_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/modules.hpp>
#else
#include <taskleak/detail/platform/portable/modules.hpp>
#endif

#endif
