// SPDX-License-Identifier: MIT
/// \file A thread made and joined through taskleak's hooks, beside libc's own functions in the same process.
#include <taskleak/detail/registry/sampling.hpp>

#include "compare.hpp"

#include <cstdint>
#include <memory>
#include <thread>

#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>

namespace {

using create_function = int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
using join_function = int(pthread_t, void**);

template <class F>
F* from_libc(const char* name) {
  return reinterpret_cast<F*>(dlsym(RTLD_NEXT, name));
}

void* do_nothing(void*) { return nullptr; }

void create_and_join(benchmark::State& state, create_function* create, join_function* join) {
  pthread_t handle{};
  if (create(&handle, nullptr, &do_nothing, nullptr) != 0) {
    state.SkipWithError("no thread could be made");
    return;
  }
  join(handle, nullptr);
}

/// Keeps the calling thread, and those it makes, on the core it is on; 0 leaves them free.
class core_choice {
 public:
  explicit core_choice(bool pinned) {
    sched_getaffinity(0, sizeof before_, &before_);
    if (!pinned) return;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<unsigned>(sched_getcpu()), &one);
    sched_setaffinity(0, sizeof one, &one);
  }
  ~core_choice() { sched_setaffinity(0, sizeof before_, &before_); }
  core_choice(const core_choice&) = delete;
  core_choice& operator=(const core_choice&) = delete;

 private:
  cpu_set_t before_;
};

[[gnu::noinline]] void at_depth(std::int64_t frames, const auto& call) {
  if (frames > 0)
    at_depth(frames - 1, call);
  else
    call();
  benchmark::ClobberMemory();  // no tail call: the frame stays
}

/// Arguments: pinned to one core, frames of stack between main() and the call.
void pthread_create_and_join(benchmark::State& state) {
  const core_choice cores(state.range(0) != 0);
  auto* const create = from_libc<create_function>("pthread_create");
  auto* const join = from_libc<join_function>("pthread_join");
  at_depth(state.range(1), [&] {
    compare(
        state, 50, [&] { create_and_join(state, create, join); },
        [&] { create_and_join(state, &pthread_create, &pthread_join); });
  });
}

/// The same with the creation stack of one thread in a thousand kept. Arguments as above.
void pthread_create_and_join_sampled(benchmark::State& state) {
  taskleak::detail::sample_one_in.store_relaxed(1000);
  pthread_create_and_join(state);
  taskleak::detail::sample_one_in.store_relaxed(1);
}

BENCHMARK(pthread_create_and_join_sampled)->ArgNames({"pinned", "frames"})->Args({1, 0})->Args({1, 20})->Iterations(200);
BENCHMARK(pthread_create_and_join)
    ->ArgNames({"pinned", "frames"})
    ->Args({1, 0})
    ->Args({0, 0})
    ->Args({1, 20})
    ->Args({0, 20})
    ->Iterations(200);

/// What libstdc++ hands its thread: an object of the heap, which the thread frees.
struct heap_state {
  virtual ~heap_state() = default;
  virtual void run() {}
};

void* run_and_free(void* argument) {
  const std::unique_ptr<heap_state> owned(static_cast<heap_state*>(argument));
  owned->run();
  return nullptr;
}

/// std::thread's constructor and join(), beside what they do, done with libc's own functions.
void std_thread_and_join(benchmark::State& state) {
  const core_choice cores(state.range(0) != 0);
  auto* const create = from_libc<create_function>("pthread_create");
  auto* const join = from_libc<join_function>("pthread_join");
  const auto bare = [&] {
    pthread_t handle{};
    auto owned = std::make_unique<heap_state>();
    if (create(&handle, nullptr, &run_and_free, owned.get()) != 0) {
      state.SkipWithError("no thread could be made");
      return;
    }
    static_cast<void>(owned.release());
    join(handle, nullptr);
  };
  compare(state, 50, bare, [] { std::thread([] {}).join(); });
}

BENCHMARK(std_thread_and_join)->ArgName("pinned")->Arg(1)->Arg(0)->Iterations(200);

}  // namespace
