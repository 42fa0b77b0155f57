// SPDX-License-Identifier: MIT
/// \file Finds a function by name in each executable and library that is loaded.
#ifndef TASKLEAK_DETAIL_PLATFORM_EXPORTED_FUNCTION_HPP
#define TASKLEAK_DETAIL_PLATFORM_EXPORTED_FUNCTION_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/exported_function.hpp>
#else
#include <taskleak/detail/platform/portable/exported_function.hpp>
#endif

#endif
