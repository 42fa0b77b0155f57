// SPDX-License-Identifier: MIT
/// \file Stands in front of the waits that a signal would end, so that what their callers keep in registers lies on the stack.
///
/// Of a thread in a system call the kernel tells where its stack is, not its registers, and poll(2) or nanosleep(2) cannot be
/// interrupted to ask for them: they would return EINTR. A pointer that is in a register alone would be missed, and a task that
/// the thread is about to wake be called orphaned. Each function here saves all registers that outlive calls and does nothing
/// else.
///
/// The definitions are weak: a test may have a clock of its own, with a sleep() or nanosleep() in place of libc's. A definition
/// in the executable comes before libc's all the same. They have names of their own for the compiler, since <poll.h> defines
/// poll() itself where _FORTIFY_SOURCE is on.
#ifndef TASKLEAK_DETAIL_PROBE_THREAD_WAIT_HOOKS_HPP
#define TASKLEAK_DETAIL_PROBE_THREAD_WAIT_HOOKS_HPP

#include <taskleak/detail/base/sanitizers.hpp>
#include <taskleak/detail/unwind/arch/arch.hpp>

// A sanitizer's interceptors are weak, too, in the executable, and have to be called; nothing is called orphaned there.
#if defined(TASKLEAK_HAS_OWN_WALKER) && !defined(TASKLEAK_IS_SANITIZED)
#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/platform/real_functions.hpp>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <ctime>

#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {
namespace {

/// Is libc's function behind a hook; null in a static link, where the hook has displaced it.
template <class F>
class waiting_function;

template <class Result, class... Arguments>
class waiting_function<Result(Arguments...)> {
 public:
  using type = Result(Arguments...);

  explicit constexpr waiting_function(const char* name) noexcept : name_(name) {}

  type* find() noexcept {
    if (!is_known_.load_acquire()) {
      real_.store_relaxed(next_definition<type>(name_));
      is_known_.store_release(true);
    }
    return real_.load_relaxed();
  }

 private:
  const char* name_;
  light_atomic<type*> real_{nullptr};
  light_atomic<bool> is_known_{false};
};

constinit waiting_function<int(pollfd*, nfds_t, int)> real_poll("poll");
constinit waiting_function<int(pollfd*, nfds_t, int, std::size_t)> real_poll_chk("__poll_chk");
constinit waiting_function<int(pollfd*, nfds_t, const timespec*, const sigset_t*)> real_ppoll("ppoll");
constinit waiting_function<int(int, epoll_event*, int, int)> real_epoll_wait("epoll_wait");
constinit waiting_function<int(int, epoll_event*, int, int, const sigset_t*)> real_epoll_pwait("epoll_pwait");
constinit waiting_function<int(int, fd_set*, fd_set*, fd_set*, timeval*)> real_select("select");
constinit waiting_function<int(int, fd_set*, fd_set*, fd_set*, const timespec*, const sigset_t*)> real_pselect("pselect");
constinit waiting_function<int(const timespec*, timespec*)> real_nanosleep("nanosleep");
constinit waiting_function<int(clockid_t, int, const timespec*, timespec*)> real_clock_nanosleep("clock_nanosleep");
constinit waiting_function<unsigned(unsigned)> real_sleep("sleep");
constinit waiting_function<int(useconds_t)> real_usleep("usleep");

/// Finds them before main(): all of these may be called in a signal handler, where dlsym() may not.
[[gnu::constructor]] void find_waiting_functions() noexcept {
  real_poll.find();
  real_poll_chk.find();
  real_ppoll.find();
  real_epoll_wait.find();
  real_epoll_pwait.find();
  real_select.find();
  real_pselect.find();
  real_nanosleep.find();
  real_clock_nanosleep.find();
  real_sleep.find();
  real_usleep.find();
}

/// The kernel's sets of signals have eight bytes.
constexpr std::size_t kernel_signals = 8;

/// Makes the system call as libc does: it is a cancellation point.
template <class... Arguments>
long cancellable_call(long number, Arguments... arguments) {
  int before = 0;
  pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &before);
  const long result = syscall(number, arguments...);
  pthread_setcanceltype(before, nullptr);
  return result;
}

#if !defined(SYS_poll)
/// Holds a time limit in milliseconds as the newer calls take it; a negative one is none.
class limit_in_ms {
 public:
  explicit limit_in_ms(int ms) noexcept : time_{ms / 1000, ms % 1000 * 1'000'000L}, is_limit_(ms >= 0) {}
  timespec* get() noexcept { return is_limit_ ? &time_ : nullptr; }

 private:
  timespec time_;
  bool is_limit_;
};
#endif

/// Makes the older calls, which newer architectures lack, by those that came after them.
inline long call_poll(pollfd* files, nfds_t count, int timeout_ms) {
#if defined(SYS_poll)
  return cancellable_call(SYS_poll, files, count, timeout_ms);
#else
  return cancellable_call(SYS_ppoll, files, count, limit_in_ms(timeout_ms).get(), nullptr, kernel_signals);
#endif
}
inline long call_epoll_wait(int epoll, epoll_event* events, int most, int timeout_ms) {
#if defined(SYS_epoll_wait)
  return cancellable_call(SYS_epoll_wait, epoll, events, most, timeout_ms);
#else
  return cancellable_call(SYS_epoll_pwait, epoll, events, most, timeout_ms, nullptr, kernel_signals);
#endif
}
inline long call_select(int count, fd_set* to_read, fd_set* to_write, fd_set* others, timeval* timeout) {
#if defined(SYS_select)
  return cancellable_call(SYS_select, count, to_read, to_write, others, timeout);
#else
  timespec time = timeout ? timespec{timeout->tv_sec, timeout->tv_usec * 1000} : timespec{};
  const long result = cancellable_call(SYS_pselect6, count, to_read, to_write, others, timeout ? &time : nullptr, nullptr);
  if (timeout) *timeout = timeval{time.tv_sec, time.tv_nsec / 1000};
  return result;
#endif
}

/// Keeps the function that it is called in on the stack during the call before, which else might be its last act.
[[gnu::always_inline]] inline void stay_on_stack() noexcept { asm volatile("" ::: "memory"); }

}  // namespace
}  // namespace taskleak::inline v0::detail

// kept_registers.hpp knows the functions by their section
#define TASKLEAK_WAIT_HOOK extern "C" __attribute__((weak, visibility("default"), noinline, section("taskleak_waits")))

TASKLEAK_WAIT_HOOK int taskleak_poll(pollfd*, nfds_t, int) __asm__("poll");
int taskleak_poll(pollfd* files, nfds_t count, int timeout_ms) {
  __builtin_unwind_init();
  using namespace taskleak::detail;
  auto* const real = real_poll.find();
  const int result = real ? real(files, count, timeout_ms) : static_cast<int>(call_poll(files, count, timeout_ms));
  stay_on_stack();
  return result;
}

TASKLEAK_WAIT_HOOK int taskleak_poll_chk(pollfd*, nfds_t, int, std::size_t) __asm__("__poll_chk");
int taskleak_poll_chk(pollfd* files, nfds_t count, int timeout_ms, std::size_t bytes) {
  __builtin_unwind_init();
  using namespace taskleak::detail;
  if (bytes / sizeof *files < count) __builtin_trap();
  auto* const real = real_poll_chk.find();
  const int result = real ? real(files, count, timeout_ms, bytes) : static_cast<int>(call_poll(files, count, timeout_ms));
  stay_on_stack();
  return result;
}

TASKLEAK_WAIT_HOOK int taskleak_ppoll(pollfd*, nfds_t, const timespec*, const sigset_t*) __asm__("ppoll");
int taskleak_ppoll(pollfd* files, nfds_t count, const timespec* timeout, const sigset_t* mask) {
  __builtin_unwind_init();
  using namespace taskleak::detail;
  auto* const real = real_ppoll.find();
  timespec left = timeout ? *timeout : timespec{};  // the kernel writes to it, libc's function does not
  const int result =
      real ? real(files, count, timeout, mask)
           : static_cast<int>(cancellable_call(SYS_ppoll, files, count, timeout ? &left : nullptr, mask, kernel_signals));
  stay_on_stack();
  return result;
}

TASKLEAK_WAIT_HOOK int taskleak_epoll_wait(int, epoll_event*, int, int) __asm__("epoll_wait");
int taskleak_epoll_wait(int epoll, epoll_event* events, int most, int timeout_ms) {
  __builtin_unwind_init();
  using namespace taskleak::detail;
  auto* const real = real_epoll_wait.find();
  const int result =
      real ? real(epoll, events, most, timeout_ms) : static_cast<int>(call_epoll_wait(epoll, events, most, timeout_ms));
  stay_on_stack();
  return result;
}

TASKLEAK_WAIT_HOOK int taskleak_epoll_pwait(int, epoll_event*, int, int, const sigset_t*) __asm__("epoll_pwait");
int taskleak_epoll_pwait(int epoll, epoll_event* events, int most, int timeout_ms, const sigset_t* mask) {
  __builtin_unwind_init();
  using namespace taskleak::detail;
  auto* const real = real_epoll_pwait.find();
  const int result =
      real ? real(epoll, events, most, timeout_ms, mask)
           : static_cast<int>(cancellable_call(SYS_epoll_pwait, epoll, events, most, timeout_ms, mask, kernel_signals));
  stay_on_stack();
  return result;
}

TASKLEAK_WAIT_HOOK int taskleak_select(int, fd_set*, fd_set*, fd_set*, timeval*) __asm__("select");
int taskleak_select(int count, fd_set* to_read, fd_set* to_write, fd_set* others, timeval* timeout) {
  __builtin_unwind_init();
  using namespace taskleak::detail;
  auto* const real = real_select.find();
  const int result = real ? real(count, to_read, to_write, others, timeout)
                          : static_cast<int>(call_select(count, to_read, to_write, others, timeout));
  stay_on_stack();
  return result;
}

TASKLEAK_WAIT_HOOK int taskleak_pselect(int, fd_set*, fd_set*, fd_set*, const timespec*, const sigset_t*) __asm__("pselect");
int taskleak_pselect(int count, fd_set* to_read, fd_set* to_write, fd_set* others, const timespec* timeout,
                     const sigset_t* mask) {
  __builtin_unwind_init();
  using namespace taskleak::detail;
  auto* const real = real_pselect.find();
  timespec left = timeout ? *timeout : timespec{};
  const struct {
    const sigset_t* mask;
    std::size_t bytes;
  } signals{mask, kernel_signals};
  const int result = real ? real(count, to_read, to_write, others, timeout, mask)
                          : static_cast<int>(cancellable_call(SYS_pselect6, count, to_read, to_write, others,
                                                              timeout ? &left : nullptr, &signals));
  stay_on_stack();
  return result;
}

TASKLEAK_WAIT_HOOK int taskleak_nanosleep(const timespec*, timespec*) __asm__("nanosleep");
int taskleak_nanosleep(const timespec* time, timespec* left) {
  __builtin_unwind_init();
  using namespace taskleak::detail;
  auto* const real = real_nanosleep.find();
  const int result = real ? real(time, left) : static_cast<int>(cancellable_call(SYS_nanosleep, time, left));
  stay_on_stack();
  return result;
}

TASKLEAK_WAIT_HOOK int taskleak_clock_nanosleep(clockid_t, int, const timespec*, timespec*) __asm__("clock_nanosleep");
int taskleak_clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* left) {
  __builtin_unwind_init();
  using namespace taskleak::detail;
  auto* const real = real_clock_nanosleep.find();
  const int errno_before = errno;
  int result = 0;
  if (real) {
    result = real(clock, flags, time, left);
  } else if (cancellable_call(SYS_clock_nanosleep, clock, flags, time, left) != 0) {
    result = errno;  // which libc's function returns, and leaves errno as it was
    errno = errno_before;
  }
  stay_on_stack();
  return result;
}

TASKLEAK_WAIT_HOOK unsigned taskleak_sleep(unsigned) __asm__("sleep");
unsigned taskleak_sleep(unsigned seconds) {
  __builtin_unwind_init();
  using namespace taskleak::detail;
  auto* const real = real_sleep.find();
  timespec time{static_cast<std::time_t>(seconds), 0};
  unsigned left = 0;
  if (real)
    left = real(seconds);
  else if (cancellable_call(SYS_nanosleep, &time, &time) != 0)
    left = static_cast<unsigned>(time.tv_sec);
  stay_on_stack();
  return left;
}

TASKLEAK_WAIT_HOOK int taskleak_usleep(useconds_t) __asm__("usleep");
int taskleak_usleep(useconds_t microseconds) {
  __builtin_unwind_init();
  using namespace taskleak::detail;
  constexpr useconds_t second = 1'000'000;
  auto* const real = real_usleep.find();
  const timespec time{static_cast<std::time_t>(microseconds / second), static_cast<long>(microseconds % second) * 1'000};
  const int result = real ? real(microseconds) : static_cast<int>(cancellable_call(SYS_nanosleep, &time, nullptr));
  stay_on_stack();
  return result;
}

#undef TASKLEAK_WAIT_HOOK
#endif

#endif
