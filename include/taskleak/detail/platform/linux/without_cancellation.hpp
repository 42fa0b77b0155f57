// SPDX-License-Identifier: MIT
/// \file Keeps pthread_cancel() from acting inside of taskleak.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_WITHOUT_CANCELLATION_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_WITHOUT_CANCELLATION_HPP

#include <pthread.h>

namespace taskleak::inline v0::detail {

/// Keeps a cancellation of the calling thread waiting while the object lives.
///
/// Reading a file or sleeping is a cancellation point (pthreads(7)). A program may cancel a thread anywhere, and has none where
/// it makes or destroys a guard, or calls abort(): the thread would unwind out of a destructor, which is std::terminate, or out
/// of a signal handler. A store to the thread's own descriptor, so for a signal handler, too.
class without_cancellation {
 public:
  without_cancellation() noexcept { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_); }
  ~without_cancellation() { pthread_setcancelstate(before_, &before_); }
  without_cancellation(const without_cancellation&) = delete;
  without_cancellation& operator=(const without_cancellation&) = delete;

 private:
  int before_ = PTHREAD_CANCEL_ENABLE;
};

}  // namespace taskleak::inline v0::detail

#endif
