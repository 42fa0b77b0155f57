// SPDX-License-Identifier: MIT
/// \file The open file descriptors of this process, where a system lists them: on Linux.
#ifndef TASKLEAK_DETAIL_PLATFORM_OPEN_DESCRIPTORS_HPP
#define TASKLEAK_DETAIL_PLATFORM_OPEN_DESCRIPTORS_HPP

#include <taskleak/detail/platform/choice.hpp>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/linux/open_descriptors.hpp>
#else
#error "taskleak: nobody lists descriptors here"
#endif

#endif
