// SPDX-License-Identifier: MIT
#include <taskleak/detail/inspect/wait_kinds.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

#include <dlfcn.h>
#include <sys/syscall.h>

namespace {

using taskleak::state;
using taskleak::detail::c_wait_functions;
using taskleak::detail::cxx_wait_functions;
using taskleak::detail::wait_function;
using taskleak::detail::wait_kind_of_c_function;
using taskleak::detail::wait_kind_of_cxx_function;
using taskleak::detail::wait_kind_of_syscall;

struct expected_kind {
  const char* function;
  state expected;
  const char* object;
};

/// Each function has its kind, and each row of the table is that of one of them.
template <std::size_t N, std::size_t Rows, class Find>
void expect_kinds(const expected_kind (&functions)[N], const wait_function (&rows)[Rows], Find find) {
  for (const expected_kind& f : functions) {
    const auto kind = find(f.function);
    ASSERT_TRUE(kind) << f.function;
    EXPECT_STREQ(to_string(kind->state), to_string(f.expected)) << f.function;
    EXPECT_STREQ(kind->object, f.object) << f.function;
  }
  for (const wait_function& row : rows) {
    bool found = false;
    for (const expected_kind& f : functions)
      found = found || std::string_view(f.function).find(row.name) != std::string_view::npos;
    EXPECT_TRUE(found) << "no test for " << row.name;
  }
}

constexpr expected_kind c_functions[] = {
    {"pthread_cond_wait", state::condition_wait, "pthread_cond_t"},
    {"pthread_cond_timedwait", state::condition_wait, "pthread_cond_t"},
    {"pthread_cond_clockwait", state::condition_wait, "pthread_cond_t"},
    {"cnd_wait", state::condition_wait, "cnd_t"},
    {"cnd_timedwait", state::condition_wait, "cnd_t"},
    {"pthread_mutex_lock", state::mutex_lock, "mutex"},
    {"pthread_mutex_timedlock", state::mutex_lock, "mutex"},
    {"pthread_mutex_clocklock", state::mutex_lock, "mutex"},
    {"mtx_lock", state::mutex_lock, "mutex"},
    {"mtx_timedlock", state::mutex_lock, "mutex"},
    {"pthread_rwlock_rdlock", state::shared_mutex_lock, "shared mutex"},
    {"pthread_rwlock_wrlock", state::shared_mutex_lock, "shared mutex"},
    {"pthread_rwlock_timedrdlock", state::shared_mutex_lock, "shared mutex"},
    {"pthread_rwlock_timedwrlock", state::shared_mutex_lock, "shared mutex"},
    {"pthread_rwlock_clockrdlock", state::shared_mutex_lock, "shared mutex"},
    {"pthread_rwlock_clockwrlock", state::shared_mutex_lock, "shared mutex"},
    {"sem_wait", state::semaphore_wait, "semaphore"},
    {"sem_timedwait", state::semaphore_wait, "semaphore"},
    {"sem_clockwait", state::semaphore_wait, "semaphore"},
    {"pthread_join", state::join, "thread"},
    {"pthread_timedjoin_np", state::join, "thread"},
    {"pthread_clockjoin_np", state::join, "thread"},
    {"__pthread_clockjoin_ex", state::join, "thread"},
    {"thrd_join", state::join, "thread"},
    {"pthread_barrier_wait", state::barrier_wait, "barrier"},
    {"__cxa_guard_acquire", state::mutex_lock, "initialisation of a static variable"},
    {"pthread_once", state::futex_wait, "std::call_once"},
    {"call_once", state::futex_wait, "std::call_once"},
    {"g_cond_wait", state::condition_wait, "GCond"},
    {"g_cond_wait_until", state::condition_wait, "GCond"},
    {"g_mutex_lock", state::mutex_lock, "GMutex"},
};

TEST(WaitKinds, OfFunctionsOfC) { expect_kinds(c_functions, c_wait_functions, wait_kind_of_c_function); }

TEST(WaitKinds, OfCAreOfFunctionsThatThereAre) {
  void* const glib = dlopen("libglib-2.0.so.0", RTLD_LAZY | RTLD_LOCAL);
  for (const expected_kind& f : c_functions) {
    const std::string_view name = f.function;
    if (name == "__pthread_clockjoin_ex") continue;  // glibc's own, where pthread_clockjoin_np ends
    const bool of_glib = name.starts_with("g_");
    if (of_glib && !glib) continue;
    EXPECT_TRUE(dlsym(of_glib ? glib : RTLD_DEFAULT, f.function)) << f.function;
  }
}

TEST(WaitKinds, OfFunctionsOfTheStandardLibrary) {
  // as libbacktrace and the demangler have them in a stack
  static constexpr expected_kind functions[] = {
      {"std::__atomic_semaphore::_M_acquire()", state::semaphore_wait, "std::counting_semaphore"},
      {"std::counting_semaphore<5l>::acquire()", state::semaphore_wait, "std::counting_semaphore"},
      {"std::latch::wait() const", state::barrier_wait, "std::latch"},
      {"std::__tree_barrier<std::__empty_completion>::wait(std::__barrier_phase_t&&) const", state::barrier_wait, "std::barrier"},
      {"std::barrier<std::__empty_completion>::arrive_and_wait()", state::barrier_wait, "std::barrier"},
      {"std::__atomic_futex_unsigned<2147483648u>::_M_load_and_test_until(unsigned int)", state::future_wait, "std::future"},
      {"std::__atomic_futex_unsigned_base::_M_futex_wait_until(unsigned int*, unsigned int)", state::future_wait, "std::future"},
      {"std::__basic_future<int>::wait() const", state::future_wait, "std::future"},
      {"std::__future_base::_State_baseV2::wait()", state::future_wait, "std::future"},
      {"std::condition_variable_any::wait<std::timed_mutex>(std::timed_mutex&)", state::condition_wait,
       "std::condition_variable_any"},
      {"std::_V2::condition_variable_any::wait<std::unique_lock<std::mutex>>(std::unique_lock<std::mutex>&)",
       state::condition_wait, "std::condition_variable_any"},
      {"std::condition_variable::wait(std::unique_lock<std::mutex>&)", state::condition_wait, "std::condition_variable"},
      {"std::recursive_mutex::lock()", state::mutex_lock, "std::recursive_mutex"},
      {"std::recursive_timed_mutex::lock()", state::mutex_lock, "std::recursive_timed_mutex"},
      {"std::timed_mutex::lock()", state::mutex_lock, "std::timed_mutex"},
      {"std::mutex::lock()", state::mutex_lock, "std::mutex"},
      {"std::shared_timed_mutex::lock()", state::shared_mutex_lock, "std::shared_timed_mutex"},
      {"std::shared_mutex::lock_shared()", state::shared_mutex_lock, "std::shared_mutex"},
      {"std::atomic_flag::wait(bool, std::memory_order) const", state::atomic_wait, "std::atomic_flag"},
      {"std::__atomic_wait_address<int, std::latch::wait() const::{lambda()#1}>(int const*)", state::barrier_wait, "std::latch"},
      {"std::__atomic_base<int>::wait(int, std::memory_order) const", state::atomic_wait, "std::atomic"},
      {"std::atomic<int>::wait(int, std::memory_order) const", state::atomic_wait, "std::atomic"},
  };
  expect_kinds(functions, cxx_wait_functions, wait_kind_of_cxx_function);
}

TEST(WaitKinds, AreNotThoseOfWhatAFunctionIsGiven) {
  for (const char* name : {"std::thread::_State_impl<std::thread::_Invoker<std::tuple<void (*)(std::atomic<int>&)>>>::_M_run()",
                           "std::__invoke<void (*)(std::latch::pointer)>(std::latch::pointer&&)",
                           "std::invoke(std::condition_variable::native_handle_type)"})
    EXPECT_FALSE(wait_kind_of_cxx_function(name)) << name;
}

TEST(WaitKinds, OfSystemCalls) {
  struct expected_call {
    long number;
    state expected;
    const char* object;
  };
  static constexpr expected_call calls[] = {
    {SYS_futex, state::futex_wait, "futex"},
    {SYS_nanosleep, state::sleep, ""},
    {SYS_clock_nanosleep, state::sleep, ""},
    {SYS_ppoll, state::poll, ""},
    {SYS_pselect6, state::poll, ""},
    {SYS_epoll_pwait, state::poll, "fd"},
    {SYS_read, state::read, "fd"},
    {SYS_readv, state::read, "fd"},
    {SYS_pread64, state::read, "fd"},
    {SYS_recvfrom, state::read, "fd"},
    {SYS_recvmsg, state::read, "fd"},
    {SYS_recvmmsg, state::read, "fd"},
    {SYS_write, state::write, "fd"},
    {SYS_writev, state::write, "fd"},
    {SYS_pwrite64, state::write, "fd"},
    {SYS_sendto, state::write, "fd"},
    {SYS_sendmsg, state::write, "fd"},
    {SYS_sendmmsg, state::write, "fd"},
    {SYS_accept, state::accept, "fd"},
    {SYS_accept4, state::accept, "fd"},
    {SYS_connect, state::connect, "fd"},
    {SYS_rt_sigtimedwait, state::signal_wait, ""},
    {SYS_rt_sigsuspend, state::signal_wait, ""},
    {SYS_semop, state::semaphore_wait, "semaphore set"},
    {SYS_semtimedop, state::semaphore_wait, "semaphore set"},
    {SYS_msgrcv, state::read, "message queue"},
    {SYS_msgsnd, state::write, "message queue"},
    {SYS_mq_timedreceive, state::read, "fd"},
    {SYS_mq_timedsend, state::write, "fd"},
    {SYS_preadv, state::read, "fd"},
    {SYS_preadv2, state::read, "fd"},
    {SYS_pwritev, state::write, "fd"},
    {SYS_pwritev2, state::write, "fd"},
    {SYS_wait4, state::join, "process"},
    {SYS_waitid, state::join, "process"},
    {SYS_flock, state::io_wait, "fd"},
    {SYS_fcntl, state::io_wait, "fd"},
    {SYS_splice, state::io_wait, "fd"},
    {SYS_tee, state::io_wait, "fd"},
    {SYS_sendfile, state::io_wait, "fd"},
    {SYS_fsync, state::io_wait, "fd"},
    {SYS_fdatasync, state::io_wait, "fd"},
#if defined(SYS_io_uring_enter)
    {SYS_io_uring_enter, state::io_wait, "fd"},
#endif
#if defined(SYS_epoll_pwait2)
    {SYS_epoll_pwait2, state::poll, "fd"},
#endif
#if defined(SYS_futex_waitv)
    {SYS_futex_waitv, state::futex_wait, "futex"},
#endif
#if defined(SYS_poll)
    {SYS_poll, state::poll, ""},
    {SYS_select, state::poll, ""},
    {SYS_epoll_wait, state::poll, "fd"},
    {SYS_pause, state::signal_wait, ""},
#endif
  };
  std::set<long> known;
  for (const expected_call& c : calls) {
    const auto kind = wait_kind_of_syscall(c.number);
    ASSERT_TRUE(kind) << c.number;
    EXPECT_STREQ(to_string(kind->state), to_string(c.expected)) << c.number;
    EXPECT_STREQ(kind->object, c.object) << c.number;
    known.insert(c.number);
  }
  for (long number = 0; number < 512; ++number)
    EXPECT_EQ(wait_kind_of_syscall(number).has_value(), known.contains(number)) << "system call " << number;
}

TEST(WaitKinds, AFunctionIsKnownByEachNameThatItHas) {
  for (const char* name : {"sem_wait", "__new_sem_wait", "sem_wait@@GLIBC_2.34", "___interceptor_sem_wait",
                           "__interceptor_sem_wait", "__interceptor_trampoline_sem_wait"}) {
    const auto kind = wait_kind_of_c_function(name);
    ASSERT_TRUE(kind) << name;
    EXPECT_EQ(kind->state, state::semaphore_wait) << name;
  }
}

TEST(WaitKinds, AFunctionOfTheUsersIsNone) {
  EXPECT_FALSE(wait_kind_of_c_function("sem_waiter"));
  EXPECT_FALSE(wait_kind_of_c_function("trampoline"));
  EXPECT_FALSE(wait_kind_of_cxx_function("app::latch::wait()"));
}

}  // namespace
