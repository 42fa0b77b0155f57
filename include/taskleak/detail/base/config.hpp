// SPDX-License-Identifier: MIT
/// \file Attributes that differ between compilers.
#ifndef TASKLEAK_DETAIL_BASE_CONFIG_HPP
#define TASKLEAK_DETAIL_BASE_CONFIG_HPP

#include <taskleak/detail/base/requirements.hpp>

#if defined(__GNUC__)
/// One copy for the whole process, also under -fvisibility=hidden: the registry must be shared by the executable and its
/// libraries.
#define TASKLEAK_SHARED [[gnu::visibility("default")]]
#else
#define TASKLEAK_SHARED
#endif

#endif
