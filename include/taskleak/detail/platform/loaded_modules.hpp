// SPDX-License-Identifier: MIT
/// \file Asks the dynamic loader what is loaded. Of the Linux back end only.
#ifndef TASKLEAK_DETAIL_PLATFORM_LOADED_MODULES_HPP
#define TASKLEAK_DETAIL_PLATFORM_LOADED_MODULES_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/loaded_modules.hpp>
#else
#error "the portable back end asks no dynamic loader: include this on Linux only"
#endif

#endif
