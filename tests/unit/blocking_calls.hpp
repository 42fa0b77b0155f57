// SPDX-License-Identifier: MIT
/// \file One struct for each way to block: how to get there, how to get out, and what a report has to say of it.
///
/// `object` is what the wait object is called when inlined functions can be named, `plain_object` when not.
#ifndef TASKLEAK_TESTS_UNIT_BLOCKING_CALLS_HPP
#define TASKLEAK_TESTS_UNIT_BLOCKING_CALLS_HPP

#include <taskleak/task.hpp>

#include "parked_thread.hpp"

#include <array>
#include <atomic>
#include <barrier>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <future>
#include <latch>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <string>
#include <thread>

#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

namespace unit {

using taskleak::state;

inline constexpr std::chrono::hours hour{1};

/// What a call waits for: the address a report names lies in these bytes. Null when there is none, or it is libc's own.
struct waited_for {
  std::uintptr_t first = 0;
  std::size_t bytes = 0;

  template <class T>
  static waited_for exactly(const T& object) {
    return {reinterpret_cast<std::uintptr_t>(&object), 1};
  }
  template <class T>
  static waited_for within(const T& object) {
    return {reinterpret_cast<std::uintptr_t>(&object), sizeof object};
  }
  static waited_for number(long n) { return {static_cast<std::uintptr_t>(n), 1}; }
};

// why: without it the call could be the function's last and leave no frame
inline void keep_this_frame() { asm volatile("" ::: "memory"); }

/// Ends a call that returns early for a signal, once.
inline void interrupt(pthread_t waiter) {
  struct sigaction action {};
  action.sa_handler = [](int) {};
  sigaction(SIGUSR1, &action, nullptr);
  pthread_kill(waiter, SIGUSR1);
}

struct call_on_futex {
  static constexpr long system_call = SYS_futex;
  static constexpr const char* detail = "";
};

/// What is waited for by a word of the library's own has no address.
constexpr auto by_pool = "an atomic, by libstdc++'s waiter pool";

// ---- condition variables

struct condition_variable_wait : call_on_futex {
  static constexpr auto name = "condition_variable_wait";
  static constexpr auto expected_state = state::condition_wait;
  static constexpr auto object = "std::condition_variable", plain_object = object;
  std::mutex mutex;
  std::condition_variable changed;
  bool open = false;
  [[gnu::noinline]] void wait_here() {
    std::unique_lock lock(mutex);
    while (!open) changed.wait(lock);
    keep_this_frame();
  }
  void release(pthread_t) {
    const std::lock_guard lock(mutex);
    open = true;
    changed.notify_all();
  }
  waited_for target() { return waited_for::exactly(changed); }
};

struct condition_variable_wait_for : condition_variable_wait {
  static constexpr auto name = "condition_variable_wait_for";
  static constexpr auto plain_object = "pthread_cond_t";
  [[gnu::noinline]] void wait_here() {
    std::unique_lock lock(mutex);
    while (!open) changed.wait_for(lock, hour);
    keep_this_frame();
  }
};

struct condition_variable_any_wait : call_on_futex {
  static constexpr auto name = "condition_variable_any_wait";
  static constexpr auto expected_state = state::condition_wait;
  static constexpr auto object = "std::condition_variable_any", plain_object = "std::condition_variable";
  std::timed_mutex mutex;
  std::condition_variable_any changed;
  bool open = false;
  [[gnu::noinline]] void wait_here() {
    std::unique_lock lock(mutex);
    while (!open) changed.wait(lock);
    keep_this_frame();
  }
  void release(pthread_t) {
    const std::lock_guard lock(mutex);
    open = true;
    changed.notify_all();
  }
  waited_for target() { return waited_for::within(changed); }
};

// ---- mutexes, held by the main thread

template <class Mutex>
struct held_mutex : call_on_futex {
  static constexpr auto detail = "held by main thread";
  Mutex mutex;
  held_mutex() { mutex.lock(); }
  void release(pthread_t) { mutex.unlock(); }
};

struct mutex_lock : held_mutex<std::mutex> {
  static constexpr auto name = "mutex_lock";
  static constexpr auto expected_state = state::mutex_lock;
  static constexpr auto object = "std::mutex", plain_object = "mutex";
  [[gnu::noinline]] void wait_here() {
    mutex.lock();
    mutex.unlock();
    keep_this_frame();
  }
  waited_for target() { return waited_for::exactly(mutex); }
};

struct recursive_mutex_lock : held_mutex<std::recursive_mutex> {
  static constexpr auto name = "recursive_mutex_lock";
  static constexpr auto expected_state = state::mutex_lock;
  static constexpr auto object = "std::recursive_mutex", plain_object = "mutex";
  [[gnu::noinline]] void wait_here() {
    mutex.lock();
    mutex.lock();
    mutex.unlock();
    mutex.unlock();
    keep_this_frame();
  }
  waited_for target() { return waited_for::exactly(mutex); }
};

struct timed_mutex_try_lock_for : held_mutex<std::timed_mutex> {
  static constexpr auto name = "timed_mutex_try_lock_for";
  static constexpr auto expected_state = state::mutex_lock;
  static constexpr auto object = "std::timed_mutex", plain_object = "mutex";
  [[gnu::noinline]] void wait_here() {
    if (mutex.try_lock_for(hour)) mutex.unlock();
    keep_this_frame();
  }
  waited_for target() { return waited_for::exactly(mutex); }
};

struct shared_mutex_lock_shared : held_mutex<std::shared_mutex> {
  static constexpr auto name = "shared_mutex_lock_shared";
  static constexpr auto expected_state = state::shared_mutex_lock;
  static constexpr auto object = "std::shared_mutex", plain_object = "shared mutex";
  [[gnu::noinline]] void wait_here() {
    mutex.lock_shared();
    mutex.unlock_shared();
    keep_this_frame();
  }
  waited_for target() { return waited_for::exactly(mutex); }
};

struct shared_mutex_lock : call_on_futex {
  static constexpr auto name = "shared_mutex_lock";
  static constexpr auto expected_state = state::shared_mutex_lock;
  static constexpr auto object = "std::shared_mutex", plain_object = "shared mutex";
  std::shared_mutex mutex;
  shared_mutex_lock() { mutex.lock_shared(); }
  void release(pthread_t) { mutex.unlock_shared(); }
  [[gnu::noinline]] void wait_here() {
    mutex.lock();
    mutex.unlock();
    keep_this_frame();
  }
  waited_for target() { return waited_for::exactly(mutex); }
};

/// A reader waits on another word of the lock where writers go first.
struct writer_first_rdlock : call_on_futex {
  static constexpr auto name = "writer_first_rdlock";
  static constexpr auto expected_state = state::shared_mutex_lock;
  static constexpr auto object = "shared mutex", plain_object = object;
  pthread_rwlock_t lock;
  gate begun, leave;
  std::thread writer{[this] {
    begun.wait();
    pthread_rwlock_wrlock(&lock);
    pthread_rwlock_unlock(&lock);
  }};
  writer_first_rdlock() {
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
    pthread_rwlock_rdlock(&lock);
    begun.open();
    // the writer has marked the lock for itself, glibc's PTHREAD_RWLOCK_WRLOCKED
    until([this] { return (__atomic_load_n(&lock.__data.__readers, __ATOMIC_SEQ_CST) & 2) != 0; });
  }
  [[gnu::noinline]] void wait_here() {
    pthread_rwlock_rdlock(&lock);
    pthread_rwlock_unlock(&lock);
    keep_this_frame();
  }
  void release(pthread_t) {
    pthread_rwlock_unlock(&lock);
    writer.join();
  }
  waited_for target() { return waited_for::exactly(lock); }
};

/// And a writer behind another writer on a third one.
struct second_wrlock : call_on_futex {
  static constexpr auto name = "second_wrlock";
  static constexpr auto expected_state = state::shared_mutex_lock;
  static constexpr auto object = "shared mutex", plain_object = object;
  pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
  second_wrlock() { pthread_rwlock_wrlock(&lock); }
  [[gnu::noinline]] void wait_here() {
    pthread_rwlock_wrlock(&lock);
    pthread_rwlock_unlock(&lock);
    keep_this_frame();
  }
  void release(pthread_t) { pthread_rwlock_unlock(&lock); }
  waited_for target() { return waited_for::exactly(lock); }
};

/// The initialisation is under way on another thread, and fails on both, so that it can be tried again.
struct static_initialisation : call_on_futex {
  static constexpr auto name = "static_initialisation";
  static constexpr auto expected_state = state::mutex_lock;
  static constexpr auto object = "initialisation of a static variable", plain_object = object;
  gate begun, leave;
  std::thread first{[this] { initialise(this); }};
  static_initialisation() { begun.wait(); }
  static int fail(static_initialisation* held) {
    if (held) {
      held->begun.open();
      held->leave.wait();
    }
    throw 1;
  }
  [[gnu::noinline]] static void initialise(static_initialisation* held) {
    try {
      [[maybe_unused]] static const int once = fail(held);
    } catch (int) {
    }
    keep_this_frame();
  }
  [[gnu::noinline]] void wait_here() {
    initialise(nullptr);
    keep_this_frame();
  }
  void release(pthread_t) {
    leave.open();
    first.join();
  }
  waited_for target() { return {}; }
};

struct call_once : call_on_futex {
  static constexpr auto name = "call_once";
  static constexpr auto expected_state = state::futex_wait;
  static constexpr auto object = "std::call_once", plain_object = object;
  gate begun, leave;
  std::once_flag once;
  std::thread first{[this] {
    std::call_once(once, [this] {
      begun.open();
      leave.wait();
    });
  }};
  call_once() { begun.wait(); }
  [[gnu::noinline]] void wait_here() {
    std::call_once(once, [] {});
    keep_this_frame();
  }
  void release(pthread_t) {
    leave.open();
    first.join();
  }
  waited_for target() { return waited_for::exactly(once); }
};

// ---- semaphores

struct sem_wait_call : call_on_futex {
  static constexpr auto name = "sem_wait_call";
  static constexpr auto expected_state = state::semaphore_wait;
  static constexpr auto object = "semaphore", plain_object = object;
  sem_t semaphore;
  sem_wait_call() { sem_init(&semaphore, 0, 0); }
  [[gnu::noinline]] void wait_here() {
    sem_wait(&semaphore);
    keep_this_frame();
  }
  void release(pthread_t) { sem_post(&semaphore); }
  waited_for target() { return waited_for::exactly(semaphore); }
};

struct sem_timedwait_call : sem_wait_call {
  static constexpr auto name = "sem_timedwait_call";
  [[gnu::noinline]] void wait_here() {
    timespec until{};
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 3600;
    sem_timedwait(&semaphore, &until);
    keep_this_frame();
  }
};

struct counting_semaphore_acquire : call_on_futex {
  static constexpr auto name = "counting_semaphore_acquire";
  static constexpr auto expected_state = state::semaphore_wait;
  static constexpr auto object = "std::counting_semaphore", plain_object = "futex";
  std::counting_semaphore<5> semaphore{0};
  [[gnu::noinline]] void wait_here() {
    semaphore.acquire();
    keep_this_frame();
  }
  void release(pthread_t) { semaphore.release(); }
  waited_for target() { return waited_for::within(semaphore); }
};

struct semop_call {
  static constexpr auto name = "semop_call";
  static constexpr long system_call = SYS_semtimedop;
  static constexpr auto expected_state = state::semaphore_wait;
  static constexpr auto object = "semaphore set", plain_object = object, detail = "";
  int id = semget(IPC_PRIVATE, 1, 0600);
  ~semop_call() { semctl(id, 0, IPC_RMID); }
  void add(short by) {
    sembuf change{0, by, 0};
    semop(id, &change, 1);
  }
  [[gnu::noinline]] void wait_here() {
    sembuf take{0, -1, 0};
    semop(id, &take, 1);
    keep_this_frame();
  }
  void release(pthread_t) { add(1); }
  waited_for target() { return waited_for::number(id); }
};

// ---- joins and barriers

struct posix_join : call_on_futex {
  static constexpr auto name = "posix_join";
  static constexpr auto expected_state = state::join;
  static constexpr auto object = "thread", plain_object = object, detail = "\"joined\"";
  held_thread joined{"joined"};
  posix_join() { joined.tid(); }
  [[gnu::noinline]] void wait_here() {
    joined.thread().join();
    keep_this_frame();
  }
  void release(pthread_t) { joined.open(); }
  waited_for target() { return waited_for::number(joined.tid()); }
};

struct posix_timedjoin : posix_join {
  static constexpr auto name = "posix_timedjoin";
  [[gnu::noinline]] void wait_here() {
    timespec until{};
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 3600;
    const pthread_t handle = joined.thread().native_handle();
    if (pthread_timedjoin_np(handle, nullptr, &until) == 0) new (&joined.thread()) std::thread;
    keep_this_frame();
  }
};

struct posix_barrier_wait : call_on_futex {
  static constexpr auto name = "posix_barrier_wait";
  static constexpr auto expected_state = state::barrier_wait;
  static constexpr auto object = "barrier", plain_object = object;
  pthread_barrier_t barrier;
  posix_barrier_wait() { pthread_barrier_init(&barrier, nullptr, 2); }
  [[gnu::noinline]] void wait_here() {
    pthread_barrier_wait(&barrier);
    keep_this_frame();
  }
  void release(pthread_t) { pthread_barrier_wait(&barrier); }
  waited_for target() { return waited_for::exactly(barrier); }
};

struct std_barrier_wait : call_on_futex {
  static constexpr auto name = "std_barrier_wait";
  static constexpr auto expected_state = state::barrier_wait;
  static constexpr auto object = "std::barrier", plain_object = by_pool, detail = by_pool;
  std::barrier<> barrier{2};
  [[gnu::noinline]] void wait_here() {
    barrier.arrive_and_wait();
    keep_this_frame();
  }
  void release(pthread_t) { barrier.arrive_and_wait(); }
  waited_for target() { return waited_for::number(0); }
};

struct latch_wait : call_on_futex {
  static constexpr auto name = "latch_wait";
  static constexpr auto expected_state = state::barrier_wait;
  static constexpr auto object = "std::latch", plain_object = "futex";
  std::latch latch{1};
  [[gnu::noinline]] void wait_here() {
    latch.wait();
    keep_this_frame();
  }
  void release(pthread_t) { latch.count_down(); }
  waited_for target() { return waited_for::within(latch); }
};

// ---- atomics, futures, raw futexes

struct atomic_wait : call_on_futex {
  static constexpr auto name = "atomic_wait";
  static constexpr auto expected_state = state::atomic_wait;
  static constexpr auto object = "std::atomic", plain_object = "futex";
  std::atomic<int> value{0};
  [[gnu::noinline]] void wait_here() {
    value.wait(0);
    keep_this_frame();
  }
  void release(pthread_t) {
    value = 1;
    value.notify_all();
  }
  waited_for target() { return waited_for::exactly(value); }
};

struct atomic_of_eight_bytes_wait : call_on_futex {
  static constexpr auto name = "atomic_of_eight_bytes_wait";
  static constexpr auto expected_state = state::atomic_wait;
  static constexpr auto object = by_pool, plain_object = object;
  std::atomic<long> value{0};
  [[gnu::noinline]] void wait_here() {
    value.wait(0);
    keep_this_frame();
  }
  void release(pthread_t) {
    value = 1;
    value.notify_all();
  }
  waited_for target() { return waited_for::number(0); }
};

struct atomic_flag_wait : call_on_futex {
  static constexpr auto name = "atomic_flag_wait";
  static constexpr auto expected_state = state::atomic_wait;
  static constexpr auto object = "std::atomic_flag", plain_object = by_pool, detail = by_pool;
  std::atomic_flag flag{};
  [[gnu::noinline]] void wait_here() {
    flag.wait(false);
    keep_this_frame();
  }
  void release(pthread_t) {
    flag.test_and_set();
    flag.notify_all();
  }
  waited_for target() { return waited_for::number(0); }
};

struct future_get : call_on_futex {
  static constexpr auto name = "future_get";
  static constexpr auto expected_state = state::future_wait;
  static constexpr auto object = "std::future", plain_object = object;
  std::promise<int> promise;
  std::future<int> future = promise.get_future();
  [[gnu::noinline]] void wait_here() {
    future.get();
    keep_this_frame();
  }
  void release(pthread_t) { promise.set_value(1); }
  waited_for target() { return {}; }
};

struct future_wait_for : future_get {
  static constexpr auto name = "future_wait_for";
  [[gnu::noinline]] void wait_here() {
    future.wait_for(hour);
    keep_this_frame();
  }
};

struct raw_futex : call_on_futex {
  static constexpr auto name = "raw_futex";
  static constexpr auto expected_state = state::futex_wait;
  static constexpr auto object = "futex", plain_object = object;
  std::atomic<unsigned> word{0};
  [[gnu::noinline]] void wait_here() {
    syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
    keep_this_frame();
  }
  void release(pthread_t) {
    word = 1;
    syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
  }
  waited_for target() { return waited_for::exactly(word); }
};

// ---- sleeping, and waiting for signals

struct without_object {
  static constexpr auto object = "", plain_object = "", detail = "";
  waited_for target() { return {}; }
};

struct sleep_for : without_object {
  static constexpr auto name = "sleep_for";
  static constexpr long system_call = SYS_clock_nanosleep;
  static constexpr auto expected_state = state::sleep;
  [[gnu::noinline]] void wait_here() {
    std::this_thread::sleep_for(hour);
    keep_this_frame();
  }
  void release(pthread_t waiter) { pthread_cancel(waiter); }  // it sleeps on after a signal
};

struct nanosleep_call : without_object {
  static constexpr auto name = "nanosleep_call";
  static constexpr long system_call = SYS_clock_nanosleep;
  static constexpr auto expected_state = state::sleep;
  [[gnu::noinline]] void wait_here() {
    const timespec time{3600, 0};
    nanosleep(&time, nullptr);
    keep_this_frame();
  }
  void release(pthread_t waiter) { interrupt(waiter); }
};

struct pause_call : without_object {
  static constexpr auto name = "pause_call";
  static constexpr long system_call = call_of_pause;
  static constexpr auto expected_state = state::signal_wait;
  [[gnu::noinline]] void wait_here() {
    pause();
    keep_this_frame();
  }
  void release(pthread_t waiter) { interrupt(waiter); }
};

struct sigwait_call : without_object {
  static constexpr auto name = "sigwait_call";
  static constexpr long system_call = SYS_rt_sigtimedwait;
  static constexpr auto expected_state = state::signal_wait;
  [[gnu::noinline]] void wait_here() {
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
    int got = 0;
    sigwait(&wanted, &got);
    keep_this_frame();
  }
  void release(pthread_t waiter) { pthread_kill(waiter, SIGUSR2); }
};

struct sigtimedwait_call : sigwait_call {
  static constexpr auto name = "sigtimedwait_call";
  [[gnu::noinline]] void wait_here() {
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
    const timespec time{3600, 0};
    sigtimedwait(&wanted, nullptr, &time);
    keep_this_frame();
  }
};

// ---- descriptors

struct poll_call : without_object {
  static constexpr auto name = "poll_call";
  static constexpr long system_call = call_of_poll;
  static constexpr auto expected_state = state::poll;
  [[gnu::noinline]] void wait_here() {
    poll(nullptr, 0, 3600 * 1000);
    keep_this_frame();
  }
  void release(pthread_t waiter) { interrupt(waiter); }
};

struct select_call : without_object {
  static constexpr auto name = "select_call";
  static constexpr long system_call = SYS_pselect6;
  static constexpr auto expected_state = state::poll;
  [[gnu::noinline]] void wait_here() {
    select(0, nullptr, nullptr, nullptr, nullptr);
    keep_this_frame();
  }
  void release(pthread_t waiter) { interrupt(waiter); }
};

struct epoll_wait_call {
  static constexpr auto name = "epoll_wait_call";
  static constexpr long system_call = call_of_epoll_wait;
  static constexpr auto expected_state = state::poll;
  static constexpr auto object = "fd", plain_object = object, detail = "(anon_inode:[eventpoll])";
  int fd = epoll_create1(EPOLL_CLOEXEC);
  ~epoll_wait_call() { close(fd); }
  [[gnu::noinline]] void wait_here() {
    epoll_event event;
    epoll_wait(fd, &event, 1, -1);
    keep_this_frame();
  }
  void release(pthread_t waiter) { interrupt(waiter); }
  waited_for target() { return waited_for::number(fd); }
};

struct on_pipe {
  static constexpr auto object = "fd", plain_object = object, detail = "(pipe:[";
  std::array<int, 2> ends{};
  on_pipe() {
    if (pipe2(ends.data(), O_CLOEXEC) != 0) ADD_FAILURE() << "no pipe";
  }
  ~on_pipe() {
    for (int end : ends) close(end);
  }
};

struct read_pipe : on_pipe {
  static constexpr auto name = "read_pipe";
  static constexpr long system_call = SYS_read;
  static constexpr auto expected_state = state::read;
  [[gnu::noinline]] void wait_here() {
    char byte;
    EXPECT_EQ(read(ends[0], &byte, 1), 1);
    keep_this_frame();
  }
  void release(pthread_t) { EXPECT_EQ(write(ends[1], "x", 1), 1); }
  waited_for target() { return waited_for::number(ends[0]); }
};

struct write_full_pipe : on_pipe {
  static constexpr auto name = "write_full_pipe";
  static constexpr long system_call = SYS_write;
  static constexpr auto expected_state = state::write;
  std::array<char, 4096> page{};
  write_full_pipe() {
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    while (write(ends[1], page.data(), page.size()) > 0) {
    }
    fcntl(ends[1], F_SETFL, 0);
  }
  [[gnu::noinline]] void wait_here() {
    EXPECT_EQ(write(ends[1], "x", 1), 1);
    keep_this_frame();
  }
  void release(pthread_t) { EXPECT_GT(read(ends[0], page.data(), page.size()), 0); }
  waited_for target() { return waited_for::number(ends[1]); }
};

struct read_eventfd {
  static constexpr auto name = "read_eventfd";
  static constexpr long system_call = SYS_read;
  static constexpr auto expected_state = state::read;
  static constexpr auto object = "fd", plain_object = object, detail = "(anon_inode:[eventfd], count 0)";
  int fd = eventfd(0, EFD_CLOEXEC);
  ~read_eventfd() { close(fd); }
  [[gnu::noinline]] void wait_here() {
    eventfd_t value = 0;
    eventfd_read(fd, &value);
    keep_this_frame();
  }
  void release(pthread_t) { eventfd_write(fd, 1); }
  waited_for target() { return waited_for::number(fd); }
};

struct accept_call {
  static constexpr auto name = "accept_call";
  static constexpr long system_call = SYS_accept;
  static constexpr auto expected_state = state::accept;
  static constexpr auto object = "fd", plain_object = object, detail = "(socket:[";
  int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int calling = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  accept_call() {
    sockaddr_un any{AF_UNIX, {}};
    // the kernel chooses a name of its own
    EXPECT_EQ(bind(listening, reinterpret_cast<sockaddr*>(&any), sizeof any.sun_family), 0);
    EXPECT_EQ(listen(listening, 1), 0);
  }
  ~accept_call() {
    close(listening);
    close(calling);
  }
  [[gnu::noinline]] void wait_here() {
    close(accept(listening, nullptr, nullptr));
    keep_this_frame();
  }
  void release(pthread_t) {
    sockaddr_un chosen{};
    socklen_t size = sizeof chosen;
    getsockname(listening, reinterpret_cast<sockaddr*>(&chosen), &size);
    EXPECT_EQ(connect(calling, reinterpret_cast<sockaddr*>(&chosen), size), 0);
  }
  waited_for target() { return waited_for::number(listening); }
};

struct recv_call {
  static constexpr auto name = "recv_call";
  static constexpr long system_call = SYS_recvfrom;
  static constexpr auto expected_state = state::read;
  static constexpr auto object = "fd", plain_object = object, detail = "(socket:[";
  std::array<int, 2> ends{};
  recv_call() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0); }
  ~recv_call() {
    for (int end : ends) close(end);
  }
  [[gnu::noinline]] void wait_here() {
    char byte;
    EXPECT_EQ(recv(ends[0], &byte, 1, 0), 1);
    keep_this_frame();
  }
  void release(pthread_t) { EXPECT_EQ(send(ends[1], "x", 1, 0), 1); }
  waited_for target() { return waited_for::number(ends[0]); }
};

struct flock_call {
  static constexpr auto name = "flock_call";
  static constexpr long system_call = SYS_flock;
  static constexpr auto expected_state = state::io_wait;
  static constexpr auto object = "fd", plain_object = object, detail = "/tmp/taskleak_flock_";
  std::array<char, 32> path{"/tmp/taskleak_flock_XXXXXX"};
  int held = mkstemp(path.data());
  int wanted = open(path.data(), O_RDWR | O_CLOEXEC);
  flock_call() {
    unlink(path.data());
    EXPECT_EQ(flock(held, LOCK_EX), 0);
  }
  ~flock_call() {
    close(held);
    close(wanted);
  }
  [[gnu::noinline]] void wait_here() {
    flock(wanted, LOCK_EX);
    keep_this_frame();
  }
  void release(pthread_t) { flock(held, LOCK_UN); }
  waited_for target() { return waited_for::number(wanted); }
};

}  // namespace unit

#endif
