// SPDX-License-Identifier: MIT
/// \file Tells whether a thread has run between two looks at it. Of the Linux back end only.
#ifndef TASKLEAK_DETAIL_PLATFORM_RUN_ACCOUNT_HPP
#define TASKLEAK_DETAIL_PLATFORM_RUN_ACCOUNT_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/run_account.hpp>
#else
#error "the portable back end has no files of the kernel: include this on Linux only"
#endif

#endif
