// SPDX-License-Identifier: MIT
/// \file Undoes what a function of ours has done when a signal handler leaves the function by siglongjmp().
#ifndef TASKLEAK_DETAIL_PROBE_THREAD_LEFT_BY_LONGJMP_HPP
#define TASKLEAK_DETAIL_PROBE_THREAD_LEFT_BY_LONGJMP_HPP

#include <pthread.h>

// glibc's old cleanup handlers for C: longjmp() runs no destructors, but runs these handlers of the frames that it leaves
// (nptl/cleanup_compat.c and __pthread_cleanup_upto). <pthread.h> does not declare them any more; elsewhere they may be missing.
extern "C" {
[[gnu::weak]] void _pthread_cleanup_push(_pthread_cleanup_buffer* buffer, void (*routine)(void*), void* argument);
[[gnu::weak]] void _pthread_cleanup_pop(_pthread_cleanup_buffer* buffer, int execute);
}

namespace taskleak::inline v0::detail {

/// Calls `undo(argument)` if longjmp() leaves the block. The destructor does not call it: the owner of the object undoes things
/// in every other case.
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
