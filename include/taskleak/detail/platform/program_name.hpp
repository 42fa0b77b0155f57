// SPDX-License-Identifier: MIT
/// \file Returns the name of the program.
#ifndef TASKLEAK_DETAIL_PLATFORM_PROGRAM_NAME_HPP
#define TASKLEAK_DETAIL_PLATFORM_PROGRAM_NAME_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/program_name.hpp>
#else
#include <taskleak/detail/platform/portable/program_name.hpp>
#endif

#endif
