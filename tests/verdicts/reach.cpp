// SPDX-License-Identifier: MIT
/// \file Tasks that are parked when their test ends. Those of the suites `Doomed` can be woken by nothing that can still run;
/// those of `Healthy` can, and must never be called orphaned or deadlocked.
#include <taskleak/guard.hpp>
#include <taskleak/keep_alive.hpp>
#include <taskleak/report.hpp>
#include <taskleak/track_coroutines.hpp>

#include "../gate.hpp"
#include "../unit/parked_thread.hpp"
#include "pool.hpp"
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <barrier>
#include <condition_variable>
#include <coroutine>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <functional>
#include <future>
#include <latch>
#include <map>
#include <memory>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

// with external linkage, so that each store is made
std::uintptr_t tagged;
#pragma pack(push, 4)
struct packed_pointer {
  std::uint32_t before;
  tests::gate* to;
};
#pragma pack(pop)
packed_pointer packed;
void** own_mapping;
void** into_a_block;
std::uintptr_t hidden_gate;

namespace {

using tests::gate;
using unit::told_tid;
using unit::until_parked_in;

/// Starts a thread that nobody joins, and returns once the thread sits in the system call.
template <class Function>
void leave(Function function, long call = SYS_futex) {
  const auto tid = std::make_shared<told_tid>();
  std::thread([tid, function = std::move(function)]() mutable {
    tid->tell();
    function();
  }).detach();
  until_parked_in(tid->get(), call);
}

void sleep_for_long() { std::this_thread::sleep_for(std::chrono::hours(1)); }

void sleep_by_system_call() {
  const timespec hour{3600, 0};
  nanosleep(&hour, nullptr);
}

void poll_for_long() { poll(nullptr, 0, 3'600'000); }

void wait_for_events() {
  epoll_event event;
  epoll_wait(epoll_create1(0), &event, 1, 3'600'000);
}

void read_for_long() {
  int pipe_ends[2];
  char byte;
  if (pipe(pipe_ends) == 0 && read(pipe_ends[0], &byte, 1) != 1) std::abort();
}

std::atomic<bool> may_stop_computing{false};

void compute_for_long() {
  while (!may_stop_computing.load(std::memory_order_relaxed)) {
  }
}

/// A signal handler runs elsewhere than the thread then.
void compute_with_a_stack_for_signals() {
  static char stack[64 * 1024];
  stack_t own{};
  own.ss_sp = stack;
  own.ss_size = sizeof stack;
  if (sigaltstack(&own, nullptr) != 0) std::abort();
  compute_for_long();
}

/// Keeps something of its own in a register that outlives calls, as optimised functions do.
template <auto Wait>
void wait_with_a_register_in_use() {
  asm volatile("" ::: "rbx", "r12");
  Wait();
  asm volatile("" ::: "rbx", "r12");
}

struct two_locks {
  std::mutex a, b;
  std::latch both{2};
};

// ---- threads that nothing can wake

TEST(Doomed, WaitsAtAGateThatNobodyElseHas) {
  leave([g = std::make_shared<gate>()] { g->wait(); });
}

TEST(Doomed, WaitsWhileABystanderSleeps) {
  leave([g = std::make_shared<gate>()] { g->wait(); });
  leave(&wait_with_a_register_in_use<&sleep_by_system_call>, SYS_clock_nanosleep);
}

TEST(Doomed, WaitsWhileABystanderPolls) {
  leave([g = std::make_shared<gate>()] { g->wait(); });
  leave(&wait_with_a_register_in_use<&poll_for_long>, SYS_poll);
}

TEST(Doomed, WaitsWhileABystanderWaitsForEvents) {
  leave([g = std::make_shared<gate>()] { g->wait(); });
  leave(&wait_with_a_register_in_use<&wait_for_events>, SYS_epoll_wait);
}

TEST(Doomed, WaitsWhileABystanderReads) {
  leave([g = std::make_shared<gate>()] { g->wait(); });
  leave(&wait_with_a_register_in_use<&read_for_long>, SYS_read);
}

TEST(Doomed, WaitsWhileABystanderComputes) {
  leave([g = std::make_shared<gate>()] { g->wait(); });
  static std::atomic<bool> runs{false};
  std::thread([] {
    runs = true;
    compute_for_long();
  }).detach();
  unit::until([] { return runs.load(); });
}

TEST(Doomed, WaitsAtAGateInAFixtureThatIsGone) {
  const auto fixture = std::make_unique<std::map<std::string, std::shared_ptr<gate>>>();
  (*fixture)["a"] = std::make_shared<gate>();
  leave([g = (*fixture)["a"]] { g->wait(); });
}

std::map<std::string, std::shared_ptr<gate>> gates;

TEST(Doomed, WaitsAtAGateThatWasErasedFromAStaticMap) {
  gates["a"] = std::make_shared<gate>();
  leave([g = gates["a"]] { g->wait(); });
  gates.erase("a");
}

TEST(Doomed, WaitsForItsOwnPromise) {
  leave([] {
    std::promise<int> promise;
    promise.get_future().get();
  });
}

TEST(Doomed, WaitForEachOther) {
  const auto a = std::make_shared<gate>(), b = std::make_shared<gate>();
  leave([a, b] {
    a->wait();
    b->open();
  });
  leave([a, b] {
    b->wait();
    a->open();
  });
}

TEST(Doomed, JoinsAThreadThatNothingCanWake) {
  leave([g = std::make_shared<gate>()] { std::thread([g] { g->wait(); }).join(); });
}

TEST(Doomed, WaitsAtABarrierOneShort) {
  leave([b = std::make_shared<std::barrier<>>(2)] { b->arrive_and_wait(); });
}

TEST(Doomed, WaitsAtALatchOneShort) {
  leave([l = std::make_shared<std::latch>(2)] { l->arrive_and_wait(); });
}

TEST(Doomed, WaitsForASemaphoreThatNobodyReleases) {
  leave([s = std::make_shared<std::counting_semaphore<>>(0)] { s->acquire(); });
}

TEST(Doomed, WaitsForAnAtomicThatNobodyChanges) {
  leave([a = std::make_shared<std::atomic<bool>>(false)] { a->wait(false); });
}

struct alignas(64) flag_of_each_hash {
  std::array<std::atomic<bool>, 64> flags{};
};

TEST(Doomed, WaitForAtomicsWhoseHashesAreThoseOfOtherObjects) {
  const auto of = std::make_shared<flag_of_each_hash>();
  for (std::size_t i = 0; i < of->flags.size(); i += 4) leave([of, i] { of->flags[i].wait(false); });
}

/// Clears the stack of what functions that have returned have left there.
[[gnu::noinline]] void clear_stack_below() {
  volatile char room[64 * 1024];
  for (volatile char& byte : room) byte = 0;
}

[[gnu::noinline]] int looks_that_call_it_orphaned(int looks) {
  int orphaned = 0;
  for (int i = 0; i < looks; ++i) {
    clear_stack_below();
    for (const taskleak::straggler& s : taskleak::find(taskleak::wait_up_to(std::chrono::milliseconds(20))).stragglers)
      orphaned += s.verdict == taskleak::verdict::orphaned;
  }
  return orphaned;
}

TEST(InDoubt, MemoryIsKeptFromCopies) {
  const std::size_t page = 4096;
  void* const kept = mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(kept, MAP_FAILED);
  ASSERT_EQ(madvise(kept, page, MADV_DONTFORK), 0);
  leave([g = std::make_shared<gate>()] { g->wait(); });
}

TEST(Doomed, IsFoundAgainAndAgain) {
  [] { leave([g = std::make_shared<gate>()] { g->wait(); }); }();
  std::printf("orphaned in %d of 9 looks\n", looks_that_call_it_orphaned(9));
}

TEST(Doomed, WaitsForALockWhoseOwnerHasEnded) {
  static std::mutex lock;
  std::thread([] { lock.lock(); }).join();
  leave([] { lock.lock(); });
}

TEST(Doomed, WriterWaitsForAReaderThatNothingCanWake) {
  const auto lock = std::make_shared<std::shared_mutex>();
  const auto g = std::make_shared<gate>();
  leave([lock, g] {
    const std::shared_lock reads(*lock);
    g->wait();
  });
  leave([lock] { lock->lock(); });
}

TEST(Doomed, WaitsForWhatLiesOnItsOwnStack) {
  leave([] {
    gate g;
    g.wait();
  });
}

/// Returns while a thread waits for what lies in this function's frame.
[[gnu::noinline]] void leave_one_that_waits_on_this_frame() {
  pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
  leave([&] {
    pthread_mutex_lock(&lock);
    pthread_cond_wait(&changed, &lock);
  });
}

TEST(Doomed, WaitsForWhatLayInAFunctionThatHasReturned) { leave_one_that_waits_on_this_frame(); }

TEST(Doomed, WorkerOfALostPoolWaitsForAJobThatTheWorkerItselfWouldHaveToRun) {
  auto* const workers = new verdicts::pool(1);
  const auto tid = std::make_shared<told_tid>();
  workers->run([workers, tid] {
    std::promise<void> promise;
    workers->run([&promise] { promise.set_value(); });
    tid->tell();
    promise.get_future().get();
  });
  until_parked_in(tid->get(), SYS_futex);
}

std::future<void>* for_the_job;

/// The job takes the future from a global pointer: where a queue has moved a std::function from, the pointers in it stay.
TEST(Doomed, JobOfAStaticPoolWaitsForAPromiseThatIsLost) {
  static verdicts::pool& workers = *new verdicts::pool(1);
  static told_tid tid;
  for_the_job = new std::future<void>((new std::promise<void>)->get_future());
  workers.run([] {
    const auto future = std::exchange(for_the_job, nullptr);
    tid.tell();
    future->get();
  });
  until_parked_in(tid.get(), SYS_futex);
}

TEST(Doomed, TwoThreadsOfARingOfLocks) {
  const auto locks = std::make_shared<two_locks>();
  const auto take = [locks](std::mutex& first, std::mutex& second) {
    const std::lock_guard one(first);
    locks->both.arrive_and_wait();
    const std::lock_guard other(second);
  };
  std::thread([=] { take(locks->a, locks->b); }).detach();
  leave([=] { take(locks->b, locks->a); });
}

// ---- threads that something can wake

std::shared_ptr<gate> global_gate;

TEST(Healthy, WaitsAtAGlobalGate) {
  global_gate = std::make_shared<gate>();
  leave([g = global_gate] { g->wait(); });
}

TEST(Healthy, WaitsAtAGateInAStaticMap) {
  gates["b"] = std::make_shared<gate>();
  leave([g = gates["b"]] { g->wait(); });
}

TEST(Healthy, ASleeperHasTheGate) {
  const auto g = std::make_shared<gate>();
  leave([g] { g->wait(); });
  leave(
      [g] {
        sleep_for_long();
        g->open();
      },
      SYS_clock_nanosleep);
}

/// The only pointer to the gate is in a register while the thread waits, if the function is optimised.
template <auto Wait>
void* open_later(void* given) {
  auto* const g = static_cast<gate*>(std::exchange(*static_cast<void**>(given), nullptr));
  Wait();
  g->open();
  return nullptr;
}

template <auto Wait>
void wait_at_a_gate_that_is_in_a_register() {
  auto* const g = new gate;
  leave([g] { g->wait(); });
  static void* passed = nullptr;
  passed = g;
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, nullptr, &open_later<Wait>, &passed), 0);
  pthread_detach(thread);
  unit::until([] { return *static_cast<void* volatile*>(&passed) == nullptr; });
}

TEST(Healthy, ASleeperHasTheGateInARegister) { wait_at_a_gate_that_is_in_a_register<&sleep_by_system_call>(); }

TEST(Healthy, APollerHasTheGateInARegister) { wait_at_a_gate_that_is_in_a_register<&poll_for_long>(); }

TEST(Healthy, AReaderHasTheGateInARegister) { wait_at_a_gate_that_is_in_a_register<&read_for_long>(); }

TEST(Healthy, AThreadThatComputesHasTheGateInARegister) { wait_at_a_gate_that_is_in_a_register<&compute_for_long>(); }

TEST(Healthy, AThreadWithAStackForSignalsHasTheGateInARegister) {
  wait_at_a_gate_that_is_in_a_register<&compute_with_a_stack_for_signals>();
}

#if defined(__x86_64__)
/// Computes while the pointer is nowhere but in a vector register.
[[gnu::noinline]] gate* compute_with_it_in_a_vector_register(std::uintptr_t turned) {
  std::uintptr_t scratch = 0;
  asm volatile("notq %0\n\tmovq %0, %%xmm9\n\txorl %k0, %k0\n1:\tmovzbl (%2), %k1\n\ttestl %k1, %k1\n\tje 1b\n\tmovq %%xmm9, %0"
               : "+r"(turned), "+r"(scratch)
               : "r"(&may_stop_computing)
               : "xmm9", "memory", "cc");
  return reinterpret_cast<gate*>(turned);
}

TEST(Healthy, AThreadThatComputesHasTheGateInAVectorRegister) {
  auto* const g = new gate;
  leave([g] { g->wait(); });
  static std::atomic<bool> runs{false};
  std::thread([turned = ~reinterpret_cast<std::uintptr_t>(g)] {
    runs = true;
    compute_with_it_in_a_vector_register(turned)->open();
  }).detach();
  unit::until([] { return runs.load(); });
}
#endif

TEST(Healthy, AThreadThatComputesHasTheGate) {
  const auto g = std::make_shared<gate>();
  leave([g] { g->wait(); });
  static std::atomic<bool> stops{false}, runs{false};
  std::thread([g] {
    runs = true;
    while (!stops.load(std::memory_order_relaxed)) {
    }
    g->open();
  }).detach();
  unit::until([] { return runs.load(); });
}

TEST(Healthy, AChainOfWaitsEndsWithASleeper) {
  const auto a = std::make_shared<gate>(), b = std::make_shared<gate>();
  leave([b] { b->wait(); });
  leave([a, b] {
    a->wait();
    b->open();
  });
  leave(
      [a] {
        sleep_for_long();
        a->open();
      },
      SYS_clock_nanosleep);
}

TEST(Healthy, TheOwnerOfTheLockSleeps) {
  const auto lock = std::make_shared<std::mutex>();
  leave(
      [lock] {
        const std::lock_guard owned(*lock);
        sleep_for_long();
      },
      SYS_clock_nanosleep);
  leave([lock] { lock->lock(); });
}

TEST(Healthy, JoinsASleeper) {
  leave([] { std::thread(&sleep_for_long).join(); });
}

TEST(Healthy, ASleepersThreadLocalHasTheGate) {
  auto* const g = new gate;
  leave([g] { g->wait(); });
  leave(
      [held = g]() mutable {
        thread_local gate* own = nullptr;
        own = std::exchange(held, nullptr);
        sleep_for_long();
        own->open();
      },
      SYS_clock_nanosleep);
}

TEST(Healthy, ASleepersKeyHasTheGate) {
  static std::array<pthread_key_t, 100> keys;
  for (pthread_key_t& key : keys) ASSERT_EQ(pthread_key_create(&key, nullptr), 0);
  for (const std::size_t i : {std::size_t{1}, std::size_t{80}}) {
    auto* const g = new gate;
    leave([g] { g->wait(); });
    leave(
        [held = g, i]() mutable {
          pthread_setspecific(keys[i], std::exchange(held, nullptr));
          sleep_for_long();
          static_cast<gate*>(pthread_getspecific(keys[i]))->open();
        },
        SYS_clock_nanosleep);
  }
}

struct waiter {
  gate opens;
  waiter* next = nullptr;
};
std::atomic<waiter*> waiters;

TEST(Healthy, WaitsForWhatLiesOnItsOwnStackAndIsInAGlobalList) {
  leave([] {
    waiter own;
    waiters = &own;
    own.opens.wait();
  });
}

TEST(Healthy, APointerHasATagInItsUpperBits) {
  auto* const g = new gate;
  tagged = reinterpret_cast<std::uintptr_t>(g) | std::uintptr_t{0x12} << 48;
  leave([g] { g->wait(); });
}

TEST(Healthy, APointerIsNotAligned) {
  packed.to = new gate;
  leave([g = packed.to] { g->wait(); });
}

TEST(Healthy, AMappingOfTheProgramsOwnHasTheGate) {
  own_mapping = static_cast<void**>(mmap(nullptr, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  auto* const g = new gate;
  own_mapping[100] = g;
  leave([g] { g->wait(); });
}

TEST(Healthy, APointerLeadsIntoTheMiddleOfALargeBlock) {
  constexpr std::size_t words = std::size_t{1} << 17;
  auto** const block = static_cast<void**>(std::malloc(words * sizeof(void*)));
  auto* const g = new gate;
  block[words - 1] = g;
  into_a_block = block + words / 2;
  leave([g] { g->wait(); });
}

TEST(Healthy, AMappingThatIsReadOnlyByNowHasTheGate) {
  own_mapping = static_cast<void**>(mmap(nullptr, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  auto* const g = new gate;
  own_mapping[100] = g;
  ASSERT_EQ(mprotect(own_mapping, 65536, PROT_READ), 0);
  leave([g] { g->wait(); });
}

std::vector<std::function<void()>> functions;

TEST(Healthy, AFunctionHasTheGate) {
  auto* const g = new gate;
  functions.emplace_back([g] { g->open(); });
  leave([g] { g->wait(); });
}

TEST(Healthy, AHandlerOfExitHasTheGate) {
  auto* const g = new gate;
  ASSERT_EQ(on_exit([](int, void* given) { static_cast<gate*>(given)->open(); }, g), 0);
  leave([g] { g->wait(); });
}

TEST(Healthy, AnEpollInstanceHasTheGate) {
  const int epoll = epoll_create1(0), fd = eventfd(0, 0);
  auto* const g = new gate;
  epoll_event watched{EPOLLIN, {.ptr = g}};
  ASSERT_EQ(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &watched), 0);
  watched = {};
  leave([g] { g->wait(); });
}

TEST(Healthy, ATimerHasTheGate) {
  auto* const g = new gate;
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGUSR1;
  event.sigev_value.sival_ptr = g;
  timer_t timer;
  ASSERT_EQ(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
  event = {};
  leave([g] { g->wait(); });
}

TEST(Healthy, WaitsInMemoryThatIsSharedBetweenProcesses) {
  struct shared {
    pthread_mutex_t lock;
    pthread_cond_t changed;
  };
  auto* const s = static_cast<shared*>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  pthread_mutexattr_t mutex_kind;
  pthread_mutexattr_init(&mutex_kind);
  pthread_mutexattr_setpshared(&mutex_kind, PTHREAD_PROCESS_SHARED);
  pthread_condattr_t condition_kind;
  pthread_condattr_init(&condition_kind);
  pthread_condattr_setpshared(&condition_kind, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(&s->lock, &mutex_kind);
  pthread_cond_init(&s->changed, &condition_kind);
  leave([s] {
    pthread_mutex_lock(&s->lock);
    pthread_cond_wait(&s->changed, &s->lock);
  });
}

TEST(Healthy, AnExceptionThatIsKeptHasTheGate) {
  static std::exception_ptr kept;
  const auto g = std::make_shared<gate>();
  kept = std::make_exception_ptr(g);
  leave([g] { g->wait(); });
}

TEST(Healthy, AJobInTheQueueOfABusyPoolHasTheGate) {
  static verdicts::pool& workers = *new verdicts::pool(1);
  const auto tid = std::make_shared<told_tid>();
  const auto g = std::make_shared<gate>();
  workers.run([tid] {
    tid->tell();
    sleep_for_long();
  });
  workers.run([g] { g->open(); });
  until_parked_in(tid->get(), SYS_clock_nanosleep);
  leave([g] { g->wait(); });
}

/// The one pointer to the gate is hidden, so the thread is called orphaned; and the gate is opened after the report.
TEST(Hidden, APointerThatNobodyCanRead) {
  auto* const g = new gate;
  hidden_gate = ~reinterpret_cast<std::uintptr_t>(g);
  leave([g] { g->wait(); });
}

TEST(Hidden, IsUsedAfterwards) {
  reinterpret_cast<gate*>(~hidden_gate)->open();
  unit::until_registry_is_empty();
}

TEST(Healthy, AHiddenPointerWasToldOf) {
  auto* const g = new gate;
  hidden_gate = ~reinterpret_cast<std::uintptr_t>(g);
  taskleak::keep_alive(g);
  leave([g] { g->wait(); });
}

// ---- coroutines

struct task {
  struct promise_type {
    task get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

struct nobody {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  void await_resume() const noexcept {}
};

task wait_for_nobody() { co_await nobody{}; }

struct queue {
  std::vector<std::coroutine_handle<>> waiting;

  auto next() {
    struct awaiter {
      queue& in;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> handle) const { in.waiting.push_back(handle); }
      void await_resume() const noexcept {}
    };
    return awaiter{*this};
  }
};

task wait_in(std::shared_ptr<queue> q) { co_await q->next(); }
queue global_queue;
task wait_in_queue(queue& q) { co_await q.next(); }
task wait_in_the_global_queue() { co_await global_queue.next(); }

TEST(DoomedCoroutine, AwaitsNobody) { wait_for_nobody(); }

/// Starts when it is told to, and resumes who awaits it at its end.
struct result {
  struct promise_type {
    std::coroutine_handle<> waiter;

    result get_return_object() noexcept { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    auto final_suspend() noexcept {
      struct to_the_waiter {
        bool await_ready() const noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> ended) const noexcept {
          return ended.promise().waiter;
        }
        void await_resume() const noexcept {}
      };
      return to_the_waiter{};
    }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };

  bool await_ready() const noexcept { return of.done(); }
  void await_suspend(std::coroutine_handle<> waiter) const noexcept { of.promise().waiter = waiter; }
  void await_resume() const noexcept {}

  std::coroutine_handle<promise_type> of;
};

result wait_for_result(std::shared_ptr<std::array<result, 2>> both, std::size_t other) { co_await (*both)[other]; }

TEST(DoomedCoroutine, AwaitEachOther) {
  const auto both = std::make_shared<std::array<result, 2>>();
  for (std::size_t i : {0, 1}) (*both)[i] = wait_for_result(both, 1 - i);
  for (const result& r : *both) r.of.resume();
}

std::shared_ptr<std::array<result, 2>> global_results;

TEST(HealthyCoroutine, AwaitEachOtherAndAreInAGlobalList) {
  global_results = std::make_shared<std::array<result, 2>>();
  for (std::size_t i : {0, 1}) (*global_results)[i] = wait_for_result(global_results, 1 - i);
  for (const result& r : *global_results) r.of.resume();
}

TEST(DoomedCoroutine, IsInAQueueThatOnlyItsOwnFrameHas) { wait_in(std::make_shared<queue>()); }
TEST(HealthyCoroutine, IsInAGlobalQueue) { wait_in_the_global_queue(); }
TEST(HealthyCoroutine, IsInAQueueThatASleeperHas) {
  const auto q = std::make_shared<queue>();
  wait_in(q);
  leave(
      [q] {
        sleep_for_long();
        q->waiting.clear();
      },
      SYS_clock_nanosleep);
}

// ---- what a guard in a test reports is judged again when the test has ended

TEST(Guarded, WaitsAtAGateThatTheTestItselfHas) {
  const auto g = std::make_shared<gate>();
  const taskleak::guard guard;
  leave([g] { g->wait(); });
}

TEST(Guarded, IsInAQueueThatTheTestItselfHas) {
  queue q;
  const taskleak::guard guard;
  wait_in_queue(q);
}

TEST(Guarded, WaitsAtAGateThatAGlobalHasToo) {
  const auto g = global_gate = std::make_shared<gate>();
  const taskleak::guard guard;
  leave([g] { g->wait(); });
}

}  // namespace
