// SPDX-License-Identifier: MIT
/// \file Keeps a thread sanitizer out of functions that may run on a thread in any state.
#ifndef TASKLEAK_DETAIL_UNWIND_ARCH_UNINSTRUMENTED_HPP
#define TASKLEAK_DETAIL_UNWIND_ARCH_UNINSTRUMENTED_HPP

#if defined(__SANITIZE_THREAD__)
#define TASKLEAK_UNINSTRUMENTED [[gnu::no_sanitize_thread]]
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
// why not no_sanitize("thread"): Clang then still calls __tsan_func_entry(), which crashes in a thread that is about to end
#define TASKLEAK_UNINSTRUMENTED [[clang::disable_sanitizer_instrumentation]]
#endif
#endif
#if !defined(TASKLEAK_UNINSTRUMENTED)
#define TASKLEAK_UNINSTRUMENTED
#endif

#endif
