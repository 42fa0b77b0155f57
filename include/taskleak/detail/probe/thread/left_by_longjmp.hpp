// SPDX-License-Identifier: MIT
/// \file What is to be undone when a signal handler leaves a function of ours by siglongjmp().
#ifndef TASKLEAK_DETAIL_PROBE_THREAD_LEFT_BY_LONGJMP_HPP
#define TASKLEAK_DETAIL_PROBE_THREAD_LEFT_BY_LONGJMP_HPP

#include <pthread.h>

// glibc's cleanup handlers of before C++: longjmp() runs those of the frames that it leaves (nptl/cleanup_compat.c and
// __pthread_cleanup_upto), where it runs no destructor. They are no part of <pthread.h> any more, and may be missing elsewhere.
extern "C" {
[[gnu::weak]] void _pthread_cleanup_push(_pthread_cleanup_buffer* buffer, void (*routine)(void*), void* argument);
[[gnu::weak]] void _pthread_cleanup_pop(_pthread_cleanup_buffer* buffer, int execute);
}

namespace taskleak::inline v0::detail {

/// Calls `undo(argument)` if longjmp() leaves the block. The destructor does not: what is to be done in every case is its
/// owner's.
class when_left_by_longjmp {
 public:
  when_left_by_longjmp(void (*undo)(void*), void* argument) noexcept {
    if (&_pthread_cleanup_push) _pthread_cleanup_push(&buffer_, undo, argument);
  }
  ~when_left_by_longjmp() {
    if (&_pthread_cleanup_push) _pthread_cleanup_pop(&buffer_, 0);
  }
  when_left_by_longjmp(const when_left_by_longjmp&) = delete;
  when_left_by_longjmp& operator=(const when_left_by_longjmp&) = delete;

 private:
  _pthread_cleanup_buffer buffer_;
};

}  // namespace taskleak::inline v0::detail

#endif
