// SPDX-License-Identifier: MIT
/// \file Says whether this file is compiled for a sanitizer that stands in front of functions of libc.
#ifndef TASKLEAK_DETAIL_BASE_SANITIZERS_HPP
#define TASKLEAK_DETAIL_BASE_SANITIZERS_HPP

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TASKLEAK_IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer) || \
    __has_feature(hwaddress_sanitizer)
#define TASKLEAK_IS_SANITIZED 1
#endif
#endif

#endif
