// SPDX-License-Identifier: MIT
/// \file Tells what a thread waits for, by the functions that it called and the system call that it is in.
#ifndef TASKLEAK_DETAIL_INSPECT_WAIT_KINDS_HPP
#define TASKLEAK_DETAIL_INSPECT_WAIT_KINDS_HPP

#include <taskleak/detail/inspect/numbered_kinds.hpp>
#include <taskleak/task.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

#include <sys/syscall.h>

namespace taskleak::inline v0::detail {

/// Describes a way to wait: the state, and the word for the object.
struct wait_kind {
  taskleak::state state;
  const char* object;
};

/// Describes a function that a thread waits in, by its name, or for a function of C++ by a part of the name.
struct wait_function {
  std::string_view name;
  wait_kind kind;
};

/// Lists functions of C, by name without leading underscores and a sanitizer's prefix.
inline constexpr wait_function c_wait_functions[] = {
    {"pthread_cond_wait", {state::condition_wait, "pthread_cond_t"}},
    {"pthread_cond_timedwait", {state::condition_wait, "pthread_cond_t"}},
    {"pthread_cond_clockwait", {state::condition_wait, "pthread_cond_t"}},
    {"cnd_wait", {state::condition_wait, "cnd_t"}},
    {"cnd_timedwait", {state::condition_wait, "cnd_t"}},
    {"pthread_mutex_lock", {state::mutex_lock, "mutex"}},
    {"pthread_mutex_timedlock", {state::mutex_lock, "mutex"}},
    {"pthread_mutex_clocklock", {state::mutex_lock, "mutex"}},
    {"mtx_lock", {state::mutex_lock, "mutex"}},
    {"mtx_timedlock", {state::mutex_lock, "mutex"}},
    {"pthread_rwlock_rdlock", {state::shared_mutex_lock, "shared mutex"}},
    {"pthread_rwlock_wrlock", {state::shared_mutex_lock, "shared mutex"}},
    {"pthread_rwlock_timedrdlock", {state::shared_mutex_lock, "shared mutex"}},
    {"pthread_rwlock_timedwrlock", {state::shared_mutex_lock, "shared mutex"}},
    {"pthread_rwlock_clockrdlock", {state::shared_mutex_lock, "shared mutex"}},
    {"pthread_rwlock_clockwrlock", {state::shared_mutex_lock, "shared mutex"}},
    {"sem_wait", {state::semaphore_wait, "semaphore"}},
    {"sem_timedwait", {state::semaphore_wait, "semaphore"}},
    {"sem_clockwait", {state::semaphore_wait, "semaphore"}},
    {"pthread_join", {state::join, "thread"}},
    {"pthread_timedjoin_np", {state::join, "thread"}},
    {"pthread_clockjoin_np", {state::join, "thread"}},
    {"pthread_clockjoin_ex", {state::join, "thread"}},
    {"thrd_join", {state::join, "thread"}},
    {"pthread_barrier_wait", {state::barrier_wait, "barrier"}},
    {"cxa_guard_acquire", {state::mutex_lock, "initialisation of a static variable"}},
    {"pthread_once", {state::futex_wait, "std::call_once"}},
    {"call_once", {state::futex_wait, "std::call_once"}},
    {"g_cond_wait", {state::condition_wait, "GCond"}},
    {"g_cond_wait_until", {state::condition_wait, "GCond"}},
    {"g_mutex_lock", {state::mutex_lock, "GMutex"}},
};

/// Returns the kind of a C function, however its name is decorated.
inline std::optional<wait_kind> wait_kind_of_c_function(std::string_view name) noexcept {
  while (name.starts_with('_')) name.remove_prefix(1);
  if (name.starts_with("interceptor_")) name.remove_prefix(12);
  if (name.starts_with("trampoline_")) name.remove_prefix(11);  // LLVM 17 and newer, at the same address as the function
  // names that a static link to glibc may have in place of sem_wait, say
  if (name.starts_with("new_")) name.remove_prefix(4);
  if (const auto version = name.find('@'); version != name.npos) name = name.substr(0, version);
  for (const wait_function& e : c_wait_functions)
    if (e.name == name) return e.kind;
  return std::nullopt;
}

/// Lists functions of the standard library, by a part of their readable name: to the kernel several are mere futex waits. The
/// first row that fits counts, since a semaphore is waited for with the functions of std::atomic.
inline constexpr wait_function cxx_wait_functions[] = {
    {"__atomic_semaphore", {state::semaphore_wait, "std::counting_semaphore"}},
    {"std::counting_semaphore<", {state::semaphore_wait, "std::counting_semaphore"}},
    {"std::latch::", {state::barrier_wait, "std::latch"}},
    {"__tree_barrier", {state::barrier_wait, "std::barrier"}},
    {"std::barrier<", {state::barrier_wait, "std::barrier"}},
    {"std::__atomic_futex_unsigned", {state::future_wait, "std::future"}},
    {"std::__basic_future", {state::future_wait, "std::future"}},
    {"std::__future_base", {state::future_wait, "std::future"}},
    {"std::condition_variable_any", {state::condition_wait, "std::condition_variable_any"}},
    {"std::_V2::condition_variable_any", {state::condition_wait, "std::condition_variable_any"}},
    {"std::condition_variable::", {state::condition_wait, "std::condition_variable"}},
    {"std::recursive_mutex::", {state::mutex_lock, "std::recursive_mutex"}},
    {"std::recursive_timed_mutex::", {state::mutex_lock, "std::recursive_timed_mutex"}},
    {"std::timed_mutex::", {state::mutex_lock, "std::timed_mutex"}},
    {"std::mutex::", {state::mutex_lock, "std::mutex"}},
    {"std::shared_timed_mutex::", {state::shared_mutex_lock, "std::shared_timed_mutex"}},
    {"std::shared_mutex::", {state::shared_mutex_lock, "std::shared_mutex"}},
    {"std::atomic_flag::", {state::atomic_wait, "std::atomic_flag"}},
    {"__atomic_wait_address", {state::atomic_wait, "std::atomic"}},
    {"std::__atomic_base<", {state::atomic_wait, "std::atomic"}},
    {"std::atomic<", {state::atomic_wait, "std::atomic"}},
};

/// Whether the function, or a class that it is in, has this name; text in brackets is about arguments and does not count.
inline bool is_within(std::string_view part, std::string_view function) noexcept {
  int depth = 0;
  for (std::size_t at = 0; at < function.size(); ++at) {
    if (depth == 0 && function.substr(at).starts_with(part)) return true;
    const char c = function[at];
    if (c == '<' || c == '(') ++depth;
    if (c == '>' || c == ')') --depth;
  }
  return false;
}

/// Returns the kind of a function of the standard library, by its readable name.
inline std::optional<wait_kind> wait_kind_of_cxx_function(std::string_view name) noexcept {
  // the name of a user's lambda that is passed to the library never begins with a name of the library
  if (!name.starts_with("std::") && name.find("std::__") == name.npos) return std::nullopt;
  // the arguments of __atomic_wait_address tell: libstdc++ gives it a lambda of the class that waits, as in
  // std::__atomic_wait_address<int, std::latch::wait() const::{lambda()#1}>
  const bool by_lambda = name.find("__atomic_wait_address") != name.npos;
  for (const wait_function& e : cxx_wait_functions)
    if (by_lambda ? name.find(e.name) != name.npos : is_within(e.name, name)) return e.kind;
  return std::nullopt;
}

/// Returns the kind of a wait in the kernel itself, by its system call. The object "fd" says that argument 0 is a file
/// descriptor.
inline std::optional<wait_kind> wait_kind_of_syscall(long number) noexcept {
  switch (number) {
    case SYS_futex: return wait_kind{state::futex_wait, "futex"};
    case SYS_nanosleep:
    case SYS_clock_nanosleep: return wait_kind{state::sleep, ""};
    case SYS_ppoll:
    case SYS_pselect6: return wait_kind{state::poll, ""};
    case SYS_epoll_pwait: return wait_kind{state::poll, "fd"};
    case SYS_read:
    case SYS_readv:
    case SYS_pread64:
    case SYS_preadv:
    case SYS_preadv2:
    case SYS_mq_timedreceive:
    case SYS_recvfrom:
    case SYS_recvmsg:
    case SYS_recvmmsg: return wait_kind{state::read, "fd"};
    case SYS_write:
    case SYS_writev:
    case SYS_pwrite64:
    case SYS_pwritev:
    case SYS_pwritev2:
    case SYS_mq_timedsend:
    case SYS_sendto:
    case SYS_sendmsg:
    case SYS_sendmmsg: return wait_kind{state::write, "fd"};
    case SYS_accept:
    case SYS_accept4: return wait_kind{state::accept, "fd"};
    case SYS_connect: return wait_kind{state::connect, "fd"};
    case SYS_rt_sigtimedwait:
    case SYS_rt_sigsuspend: return wait_kind{state::signal_wait, ""};
    case SYS_semop:
    case SYS_semtimedop: return wait_kind{state::semaphore_wait, "semaphore set"};
    case SYS_msgrcv: return wait_kind{state::read, "message queue"};
    case SYS_msgsnd: return wait_kind{state::write, "message queue"};
    case SYS_wait4:
    case SYS_waitid: return wait_kind{state::join, "process"};
    case SYS_flock:
    case SYS_fcntl:
    case SYS_splice:
    case SYS_tee:
    case SYS_sendfile:
    case SYS_fsync:
    case SYS_fdatasync: return wait_kind{state::io_wait, "fd"};
#if defined(SYS_io_uring_enter)
    case SYS_io_uring_enter: return wait_kind{state::io_wait, "fd"};
#endif
#if defined(SYS_epoll_pwait2)
    case SYS_epoll_pwait2: return wait_kind{state::poll, "fd"};
#endif
#if defined(SYS_futex_waitv)
    case SYS_futex_waitv: return wait_kind{state::futex_wait, "futex"};
#endif
#if defined(SYS_poll)  // the older calls, which newer architectures lack
    case SYS_poll:
    case SYS_select: return wait_kind{state::poll, ""};
    case SYS_epoll_wait: return wait_kind{state::poll, "fd"};
    case SYS_pause: return wait_kind{state::signal_wait, ""};
#endif
    default: return std::nullopt;
  }
}

}  // namespace taskleak::inline v0::detail

#endif
