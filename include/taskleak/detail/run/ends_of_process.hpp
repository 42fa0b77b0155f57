// SPDX-License-Identifier: MIT
/// \file Chooses the code that reports, and keeps the exit code, when the process ends in whatever way.
#ifndef TASKLEAK_DETAIL_RUN_ENDS_OF_PROCESS_HPP
#define TASKLEAK_DETAIL_RUN_ENDS_OF_PROCESS_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/run/death.hpp>
#include <taskleak/detail/run/exit_code.hpp>
#else
#include <taskleak/detail/run/portable/ends_of_process.hpp>
#endif

#endif
