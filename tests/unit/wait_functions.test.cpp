// SPDX-License-Identifier: MIT
/// \file Each function of POSIX and C11 that a thread may wait in, with and without an end of its time, and on each clock.
#include "parked_thread.hpp"

#include <cerrno>
#include <cstdint>
#include <ctime>

#include <pthread.h>
#include <semaphore.h>
#include <threads.h>

namespace {

using namespace unit;
using taskleak::state;

timespec in_an_hour(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  time.tv_sec += 3600;
  return time;
}
const timespec by_wall_clock = in_an_hour(CLOCK_REALTIME), by_steady_clock = in_an_hour(CLOCK_MONOTONIC);

// ---- what is waited for, each in the hands of the main thread

pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t for_conditions = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
sem_t semaphore;
pthread_barrier_t barrier;
mtx_t held_by_c11, for_conditions_of_c11;
cnd_t condition_of_c11;
pthread_once_t once = PTHREAD_ONCE_INIT;
once_flag once_of_c11 = ONCE_FLAG_INIT;

gate joined_may_end;
told_tid joined_tid;
pthread_t joined;
thrd_t joined_of_c11;
gate first_is_in, first_may_leave;

void be_first() {
  first_is_in.open();
  first_may_leave.wait();
}

template <class F>
std::uintptr_t address_of(const F& object) {
  return reinterpret_cast<std::uintptr_t>(&object);
}

struct way_to_wait {
  const char* function;
  state expected;
  std::uintptr_t object;
  void (*prepare)();
  void (*wait)();
  void (*release)();
};

// why: without something after the call, that could be the function's last and leave no frame
template <class Call>
void keep_frame(Call call) {
  call();
  asm volatile("" ::: "memory");
}

#define WAITS(...) [] { keep_frame([] { __VA_ARGS__; }); }

void nothing() {}
void start_joined() {
  ASSERT_EQ(pthread_create(
                &joined, nullptr,
                [](void*) -> void* {
                  joined_tid.tell();
                  joined_may_end.wait();
                  return nullptr;
                },
                nullptr),
            0);
  joined_tid.get();
}
void start_joined_of_c11() {
  ASSERT_EQ(thrd_create(
                &joined_of_c11,
                [](void*) {
                  joined_tid.tell();
                  joined_may_end.wait();
                  return 0;
                },
                nullptr),
            thrd_success);
  joined_tid.get();
}
void let_joined_end() { joined_may_end.open(); }
void read_lock() { pthread_rwlock_rdlock(&lock); }
void write_lock() { pthread_rwlock_wrlock(&lock); }
void unlock() { pthread_rwlock_unlock(&lock); }
void hold_mutex() { pthread_mutex_lock(&held); }
void let_go_of_mutex() { pthread_mutex_unlock(&held); }
void hold_c11() { mtx_lock(&held_by_c11); }
void let_go_of_c11() { mtx_unlock(&held_by_c11); }
void post() { sem_post(&semaphore); }
void wake() {
  pthread_mutex_lock(&for_conditions);
  pthread_cond_broadcast(&condition);
  pthread_mutex_unlock(&for_conditions);
}
void wake_c11() {
  mtx_lock(&for_conditions_of_c11);
  cnd_broadcast(&condition_of_c11);
  mtx_unlock(&for_conditions_of_c11);
}
std::thread first;
void let_first_in() {
  first = std::thread([] { pthread_once(&once, &be_first); });
  first_is_in.wait();
}
void let_first_in_of_c11() {
  first = std::thread([] { call_once(&once_of_c11, &be_first); });
  first_is_in.wait();
}
void let_first_leave() {
  first_may_leave.open();
  first.join();
}

#define WAITS_FOR_CONDITION(...) WAITS(pthread_mutex_lock(&for_conditions); __VA_ARGS__; pthread_mutex_unlock(&for_conditions))
#define WAITS_FOR_CONDITION_OF_C11(...) WAITS(mtx_lock(&for_conditions_of_c11); __VA_ARGS__; mtx_unlock(&for_conditions_of_c11))
#define TAKES_MUTEX(...) WAITS(if (__VA_ARGS__ == 0) pthread_mutex_unlock(&held))
#define TAKES_LOCK(...) WAITS(if (__VA_ARGS__ == 0) pthread_rwlock_unlock(&lock))

const way_to_wait ways[] = {
    {"pthread_cond_wait", state::condition_wait, address_of(condition), nothing,
     WAITS_FOR_CONDITION(pthread_cond_wait(&condition, &for_conditions)), wake},
    {"pthread_cond_timedwait", state::condition_wait, address_of(condition), nothing,
     WAITS_FOR_CONDITION(pthread_cond_timedwait(&condition, &for_conditions, &by_wall_clock)), wake},
    {"pthread_cond_clockwait", state::condition_wait, address_of(condition), nothing,
     WAITS_FOR_CONDITION(pthread_cond_clockwait(&condition, &for_conditions, CLOCK_MONOTONIC, &by_steady_clock)), wake},
    {"cnd_wait", state::condition_wait, address_of(condition_of_c11), nothing,
     WAITS_FOR_CONDITION_OF_C11(cnd_wait(&condition_of_c11, &for_conditions_of_c11)), wake_c11},
    {"cnd_timedwait", state::condition_wait, address_of(condition_of_c11), nothing,
     WAITS_FOR_CONDITION_OF_C11(cnd_timedwait(&condition_of_c11, &for_conditions_of_c11, &by_wall_clock)), wake_c11},
    {"pthread_mutex_lock", state::mutex_lock, address_of(held), hold_mutex, TAKES_MUTEX(pthread_mutex_lock(&held)),
     let_go_of_mutex},
    {"pthread_mutex_timedlock", state::mutex_lock, address_of(held), hold_mutex,
     TAKES_MUTEX(pthread_mutex_timedlock(&held, &by_wall_clock)), let_go_of_mutex},
    {"pthread_mutex_clocklock", state::mutex_lock, address_of(held), hold_mutex,
     TAKES_MUTEX(pthread_mutex_clocklock(&held, CLOCK_MONOTONIC, &by_steady_clock)), let_go_of_mutex},
    {"mtx_lock", state::mutex_lock, address_of(held_by_c11), hold_c11, WAITS(mtx_lock(&held_by_c11); mtx_unlock(&held_by_c11)),
     let_go_of_c11},
    {"mtx_timedlock", state::mutex_lock, address_of(held_by_c11), hold_c11,
     WAITS(if (mtx_timedlock(&held_by_c11, &by_wall_clock) == thrd_success) mtx_unlock(&held_by_c11)), let_go_of_c11},
    {"pthread_rwlock_rdlock", state::shared_mutex_lock, address_of(lock), write_lock, TAKES_LOCK(pthread_rwlock_rdlock(&lock)),
     unlock},
    {"pthread_rwlock_wrlock", state::shared_mutex_lock, address_of(lock), read_lock, TAKES_LOCK(pthread_rwlock_wrlock(&lock)),
     unlock},
    {"pthread_rwlock_timedrdlock", state::shared_mutex_lock, address_of(lock), write_lock,
     TAKES_LOCK(pthread_rwlock_timedrdlock(&lock, &by_wall_clock)), unlock},
    {"pthread_rwlock_timedwrlock", state::shared_mutex_lock, address_of(lock), read_lock,
     TAKES_LOCK(pthread_rwlock_timedwrlock(&lock, &by_wall_clock)), unlock},
    {"pthread_rwlock_clockrdlock", state::shared_mutex_lock, address_of(lock), write_lock,
     TAKES_LOCK(pthread_rwlock_clockrdlock(&lock, CLOCK_MONOTONIC, &by_steady_clock)), unlock},
    {"pthread_rwlock_clockwrlock", state::shared_mutex_lock, address_of(lock), write_lock,
     TAKES_LOCK(pthread_rwlock_clockwrlock(&lock, CLOCK_MONOTONIC, &by_steady_clock)), unlock},
    {"sem_wait", state::semaphore_wait, address_of(semaphore), nothing, WAITS(sem_wait(&semaphore)), post},
    {"sem_timedwait", state::semaphore_wait, address_of(semaphore), nothing, WAITS(sem_timedwait(&semaphore, &by_wall_clock)),
     post},
    {"sem_clockwait", state::semaphore_wait, address_of(semaphore), nothing,
     WAITS(sem_clockwait(&semaphore, CLOCK_MONOTONIC, &by_steady_clock)), post},
    {"pthread_join", state::join, 0, start_joined, WAITS(pthread_join(joined, nullptr)), let_joined_end},
    {"pthread_timedjoin_np", state::join, 0, start_joined, WAITS(pthread_timedjoin_np(joined, nullptr, &by_wall_clock)),
     let_joined_end},
    {"pthread_clockjoin_np", state::join, 0, start_joined,
     WAITS(pthread_clockjoin_np(joined, nullptr, CLOCK_MONOTONIC, &by_steady_clock)), let_joined_end},
    {"thrd_join", state::join, 0, start_joined_of_c11, WAITS(thrd_join(joined_of_c11, nullptr)), let_joined_end},
    {"pthread_barrier_wait", state::barrier_wait, address_of(barrier), nothing, WAITS(pthread_barrier_wait(&barrier)),
     [] { pthread_barrier_wait(&barrier); }},
    {"pthread_once", state::futex_wait, address_of(once), let_first_in, WAITS(pthread_once(&once, &be_first)), let_first_leave},
    {"call_once", state::futex_wait, address_of(once_of_c11), let_first_in_of_c11, WAITS(call_once(&once_of_c11, &be_first)),
     let_first_leave},
};

class WaitFunction : public testing::TestWithParam<way_to_wait> {
 protected:
  static void SetUpTestSuite() {
    sem_init(&semaphore, 0, 0);
    pthread_barrier_init(&barrier, nullptr, 2);
    mtx_init(&held_by_c11, mtx_timed);
    mtx_init(&for_conditions_of_c11, mtx_plain);
    cnd_init(&condition_of_c11);
  }
  void SetUp() override {
    for (gate* g : {&joined_may_end, &first_is_in, &first_may_leave}) {
      g->~gate();
      new (g) gate;
    }
    joined_tid.~told_tid();
    new (&joined_tid) told_tid;
  }
};

TEST_P(WaitFunction, IsToldWithItsObject) {
  const way_to_wait& way = GetParam();
  way.prepare();
  told_tid tid;
  std::jthread waiter([&] {
    tid.tell();
    way.wait();
  });
  const taskleak::straggler found = parked_thread(tid.get());
  EXPECT_STREQ(to_string(found.state), to_string(way.expected)) << in_words(found);
  const std::uintptr_t object = way.expected == state::join ? static_cast<std::uintptr_t>(joined_tid.get()) : way.object;
  EXPECT_EQ(found.waits_on.address, object) << in_words(found);
  EXPECT_NE(found.waits_on.kind, "futex") << in_words(found);
  way.release();
}

INSTANTIATE_TEST_SUITE_P(Posix, WaitFunction, testing::ValuesIn(ways), [](const auto& way) { return way.param.function; });

}  // namespace
