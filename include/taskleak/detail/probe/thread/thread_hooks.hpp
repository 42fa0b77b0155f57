// SPDX-License-Identifier: MIT
/// \file Defines the functions that make, join and detach threads, for every library of the process: this is the thread probe.
///
/// A definition in the executable comes before libc's in the search of every shared library, so std::thread (which lives in
/// libstdc++.so), std::async and third-party pools all call these hooks. The definitions must be strong and in one source file:
/// inline functions would be weak, and lose to clang's weak sanitizer interceptors, which are linked into the executable.
#ifndef TASKLEAK_DETAIL_PROBE_THREAD_THREAD_HOOKS_HPP
#define TASKLEAK_DETAIL_PROBE_THREAD_THREAD_HOOKS_HPP

#include <taskleak/detail/platform/real_functions.hpp>
#include <taskleak/detail/platform/task_directory.hpp>
#include <taskleak/detail/probe/thread/awaited_handles.hpp>
#include <taskleak/detail/probe/thread/left_by_longjmp.hpp>
#include <taskleak/detail/probe/thread/thread_life.hpp>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include <fcntl.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <threads.h>

namespace taskleak::inline v0::detail {
namespace {

/// Keeps a handle among the awaited ones during a join, also a join that is cancelled or left by longjmp().
class awaited_end {
 public:
  explicit awaited_end(pthread_t handle) noexcept : handle_(handle) { joins_under_way.add(handle); }
  ~awaited_end() { joins_under_way.remove(handle_); }
  awaited_end(const awaited_end&) = delete;
  awaited_end& operator=(const awaited_end&) = delete;

 private:
  pthread_t handle_;
  when_left_by_longjmp jump_{[](void* handle) { joins_under_way.remove(*static_cast<pthread_t*>(handle)); }, &handle_};
};

/// Marks that the calling thread is inside a hook, until it leaves the hook by return, cancellation or longjmp().
class hook_mark {
 public:
  hook_mark() noexcept { this_task.in_hook = true; }
  ~hook_mark() { this_task.in_hook = false; }
  hook_mark(const hook_mark&) = delete;
  hook_mark& operator=(const hook_mark&) = delete;

 private:
  when_left_by_longjmp jump_{[](void*) { this_task.in_hook = false; }, nullptr};
};

/// Whether a call that this module passed on has not come back; private to the module.
constinit thread_local bool passing_on = false;

class passing_mark {
 public:
  passing_mark() noexcept { passing_on = true; }
  ~passing_mark() { passing_on = false; }
  passing_mark(const passing_mark&) = delete;
  passing_mark& operator=(const passing_mark&) = delete;

 private:
  when_left_by_longjmp jump_{[](void*) { passing_on = false; }, nullptr};
};

/// Whether another module's hook called this one, and so means libc's own function.
inline bool nested() noexcept { return this_task.in_hook || passing_on; }

/// Whether the rest of the process calls another module's hooks. A library with a main line that is linked with -Bsymbolic calls
/// its own hooks and has a registry of its own that nobody looks at, so it has to pass the calls on.
inline bool others_come_first() noexcept {
#if defined(__PIC__) && !defined(__PIE__)
  enum : char { unknown, no, yes };
  static constinit light_atomic<char> answer{unknown};
  if (answer.load_acquire() == unknown) {
    // the program's own search order: dlsym(RTLD_DEFAULT) begins with the library itself under -Bsymbolic
    void* const first = dlsym(program_handle(), "pthread_create");
    // the next definition is libc's or a sanitizer's: if it is also the first, this module hides its own
    const bool elsewhere =
        first && first != reinterpret_cast<void*>(&pthread_create) && first != dlsym(RTLD_NEXT, "pthread_create");
    answer.store_release(elsewhere ? yes : no);
  }
  return answer.load_acquire() == yes;
#else
  return false;  // this code is part of the executable
#endif
}

/// Returns the hook to pass a call on to; null where this module's own hook is the right one.
template <class F>
F* hook_before(const char* name) noexcept {
  return others_come_first() ? reinterpret_cast<F*>(dlsym(program_handle(), name)) : nullptr;
}

/// Takes the argument out of the record. A copy that stayed in the record, or in a frame of ours while the thread lives, would
/// hide from a leak checker that the thread has lost the argument: nothing is called between this and the thread's function.
[[gnu::noinline]] inline void* take_argument(thread_record& r) noexcept {
  const unseen_by_tsan unseen;
  void* const argument = r.argument;
  r.argument = nullptr;
  return argument;
}

/// Returns the thread's function, of either kind.
template <class F>
F take_function(thread_record& r, F thread_record::*which) noexcept {
  const unseen_by_tsan unseen;
  return r.*which;
}

/// Puts the start function, its argument and the place of the handle into the record, for the new thread to take.
template <class F>
void put_start_into(thread_record& r, F thread_record::*which, F function, void* argument, pthread_t* handle) noexcept {
  const unseen_by_tsan unseen;
  r.handle_for_creator = handle;
  r.*which = function;
  r.argument = argument;
  r.entry.store_relaxed(reinterpret_cast<std::uintptr_t>(function));
  r.entry_argument.store_relaxed(~reinterpret_cast<std::uintptr_t>(argument));
}

extern "C" inline void* taskleak_thread_start(void* record) {
  auto& r = *static_cast<thread_record*>(record);
  start_life(r);
  return take_function(r, &thread_record::start)(take_argument(r));
}

extern "C" inline int taskleak_c11_thread_start(void* record) {
  auto& r = *static_cast<thread_record*>(record);
  start_life(r);
  return take_function(r, &thread_record::start_c11)(take_argument(r));
}

/// Starts a C11 thread by pthread_create, where libc's thrd_create cannot be called, in a static link. The int result is passed
/// through as glibc does it.
extern "C" inline void* taskleak_c11_thread_start_as_posix(void* record) {
  return reinterpret_cast<void*>(static_cast<std::intptr_t>(taskleak_c11_thread_start(record)));
}

}  // namespace
}  // namespace taskleak::inline v0::detail

#define TASKLEAK_HOOK extern "C" __attribute__((visibility("default"), noinline))

TASKLEAK_HOOK int pthread_create(pthread_t* handle, const pthread_attr_t* attributes, void* (*start)(void*),
                                 void* argument) __THROWNL {
  using namespace taskleak::detail;
  if (nested()) return next_definition<create_function>("pthread_create")(handle, attributes, start, argument);
  if (auto* const first = hook_before<create_function>("pthread_create")) {
    passing_mark mark;
    return first(handle, attributes, start, argument);
  }
  if (is_forked_child()) return real_create()(handle, attributes, start, argument);
  hook_mark mark;
  int detach_state = PTHREAD_CREATE_JOINABLE;
  if (attributes) pthread_attr_getdetachstate(attributes, &detach_state);
  thread_record* r = birth(detach_state == PTHREAD_CREATE_DETACHED, stack_size_of(attributes));
  if (!r) return real_create()(handle, attributes, start, argument);
  put_start_into(*r, &thread_record::start, start, argument, handle);
  pthread_t made{};
  const int error = real_create()(&made, attributes, &taskleak_thread_start, r);
  error ? unborn(*r) : end_birth(*r, made);
  return error;
}

TASKLEAK_HOOK int thrd_create(thrd_t* handle, thrd_start_t start, void* argument) {
  using namespace taskleak::detail;
  if (!nested())
    if (auto* const first = hook_before<thrd_create_function>("thrd_create")) {
      passing_mark mark;
      return first(handle, start, argument);
    }
  auto* const real = real_thrd_create();
  if (nested() || (is_forked_child() && real)) return real(handle, start, argument);
  hook_mark mark;
  // thrd_join and thrd_detach reach libc without a hook: the record of a C11 thread ends with the thread
  thread_record* r = birth(true);
  if (!r) return thrd_nomem;
  put_start_into(*r, &thread_record::start_c11, start, argument, handle);
  thrd_t made{};
  const int result = real ? real(&made, &taskleak_c11_thread_start, r)
                     : real_create()(&made, nullptr, &taskleak_c11_thread_start_as_posix, r) == 0 ? thrd_success
                                                                                                  : thrd_error;
  result != thrd_success ? unborn(*r) : end_birth(*r, made);
  return result;
}

TASKLEAK_HOOK int pthread_join(pthread_t handle, void** result) {
  using namespace taskleak::detail;
  if (nested()) return next_definition<join_function>("pthread_join")(handle, result);
  if (auto* const first = hook_before<join_function>("pthread_join")) {
    passing_mark mark;
    return first(handle, result);
  }
  hook_mark mark;
  const std::uint64_t serial = serial_of(handle);
  const awaited_end awaited(handle);
  const int error = real_join()(handle, result);
  if (!error) release(handle, serial, release_by::join);
  return error;
}

TASKLEAK_HOOK int pthread_detach(pthread_t handle) __THROW {
  using namespace taskleak::detail;
  if (nested()) return next_definition<detach_function>("pthread_detach")(handle);
  if (auto* const first = hook_before<detach_function>("pthread_detach")) {
    passing_mark mark;
    return first(handle);
  }
  hook_mark mark;
  const std::uint64_t serial = serial_of(handle);
  const int error = real_detach()(handle);
  if (!error) release(handle, serial, release_by::detach);
  return error;
}

TASKLEAK_HOOK int pthread_clockjoin_np(pthread_t handle, void** result, clockid_t clock, const timespec* until) {
  using namespace taskleak::detail;
  if (nested()) return next_definition<clockjoin_function>("pthread_clockjoin_np")(handle, result, clock, until);
  if (auto* const first = hook_before<clockjoin_function>("pthread_clockjoin_np")) {
    passing_mark mark;
    return first(handle, result, clock, until);
  }
  hook_mark mark;
  const std::uint64_t serial = serial_of(handle);
  auto* const real = real_clockjoin();
  const int error = real ? real(handle, result, clock, until) : __pthread_clockjoin_ex(handle, result, clock, until, true);
  if (!error) release(handle, serial, release_by::join);
  return error;
}

TASKLEAK_HOOK int pthread_timedjoin_np(pthread_t handle, void** result, const timespec* until) {
  using namespace taskleak::detail;
  if (nested()) return next_definition<timedjoin_function>("pthread_timedjoin_np")(handle, result, until);
  if (auto* const first = hook_before<timedjoin_function>("pthread_timedjoin_np")) {
    passing_mark mark;
    return first(handle, result, until);
  }
  hook_mark mark;
  const std::uint64_t serial = serial_of(handle);
  auto* const real = real_timedjoin();
  const int error = real ? real(handle, result, until) : __pthread_clockjoin_ex(handle, result, CLOCK_REALTIME, until, true);
  if (!error) release(handle, serial, release_by::join);
  return error;
}

TASKLEAK_HOOK int pthread_tryjoin_np(pthread_t handle, void** result) __THROW {
  using namespace taskleak::detail;
  if (nested()) return next_definition<join_function>("pthread_tryjoin_np")(handle, result);
  if (auto* const first = hook_before<join_function>("pthread_tryjoin_np")) {
    passing_mark mark;
    return first(handle, result);
  }
  hook_mark mark;
  const std::uint64_t serial = serial_of(handle);
  int error = 0;
  if (auto* const real = real_tryjoin()) {
    error = real(handle, result);
  } else {
    const timespec past{};
    error = __pthread_clockjoin_ex(handle, result, CLOCK_REALTIME, &past, true);
    if (error == ETIMEDOUT) error = EBUSY;
  }
  if (!error) release(handle, serial, release_by::join);
  return error;
}

TASKLEAK_HOOK int pthread_setname_np(pthread_t handle, const char* name) __THROW {
  using namespace taskleak::detail;
  if (nested()) return next_definition<setname_function>("pthread_setname_np")(handle, name);
  if (auto* const first = hook_before<setname_function>("pthread_setname_np")) {
    passing_mark mark;
    return first(handle, name);
  }
  hook_mark mark;
  int tid = pthread_equal(handle, pthread_self()) ? current_tid() : 0;
  int error = 0;
  if (auto* const real = real_setname()) {
    error = real(handle, name);
  } else if (std::strlen(name) > 15) {
    error = ERANGE;
  } else if (tid != 0) {
    error = prctl(PR_SET_NAME, name) == 0 ? 0 : errno;
  } else {
    if (!is_forked_child()) threads_by_handle.with(handle, [&](thread_record& r) { tid = r.tid.load_acquire(); });
    const int fd = own_tasks.open_file(tid, "comm", O_WRONLY);
    error = fd < 0 || write(fd, name, std::strlen(name)) < 0 ? errno : 0;
    if (fd >= 0) close(fd);
  }
  if (!error && !is_forked_child()) threads_by_handle.with(handle, [&](thread_record& r) { set_name(r, name); });
  return error;
}

#undef TASKLEAK_HOOK

#endif
