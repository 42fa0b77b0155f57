// SPDX-License-Identifier: MIT
/// \file Names the attributes that differ between compilers.
#ifndef TASKLEAK_DETAIL_BASE_CONFIG_HPP
#define TASKLEAK_DETAIL_BASE_CONFIG_HPP

#include <taskleak/detail/base/requirements.hpp>

#if defined(__GNUC__)
/// Makes a variable or function one copy for the whole process, also under -fvisibility=hidden: the executable and its libraries
/// must share the registry.
#define TASKLEAK_SHARED [[gnu::visibility("default")]]
#else
#define TASKLEAK_SHARED
#endif

#endif
