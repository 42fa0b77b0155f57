// SPDX-License-Identifier: MIT
/// \file What a tracked coroutine costs, beside the same coroutine untracked, and what checks cost that have many of them around.
#include <taskleak/detail/run/run.hpp>
#include <taskleak/guard.hpp>
#include <taskleak/report.hpp>
#include <taskleak/snapshot.hpp>

#include "compare.hpp"
#include "coroutine_kernels.hpp"

#include <barrier>
#include <chrono>
#include <cstdio>
#include <sstream>
#include <string>
#include <thread>

#include <malloc.h>
#include <unistd.h>

namespace {

void destroy_all(coroutine_handles& all) {
  for (const std::coroutine_handle<> handle : all) handle.destroy();
  all.clear();
}

double resident_bytes() {
  long pages = 0, resident = 0;
  if (std::FILE* const file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%ld %ld", &pages, &resident) != 2) resident = 0;
    std::fclose(file);
  }
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

template <void (*Park)(coroutine_handles&)>
double bytes_of_each(coroutine_handles& room, std::size_t count) {
  malloc_trim(0);
  const double before = resident_bytes();
  for (std::size_t i = 0; i < count; ++i) Park(room);
  const double grown = resident_bytes() - before;
  destroy_all(room);
  return grown / static_cast<double>(count);
}

/// Resident memory, the frame and its share of the tables; bytes, not time. The first of all that tracks coroutines: afterwards
/// the tables have their pages.
void coroutine_bytes(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  coroutine_handles room(count);  // filled once, so that its pages are there
  room.clear();
  double peer = 0, ours = 0;
  for (auto _ : state) {
    peer = bytes_of_each<untracked::park>(room, count);
    ours = bytes_of_each<tracked::park>(room, count);
  }
  state.counters["peer"] = peer;
  state.counters["ours"] = ours;
  state.counters["ratio"] = ours / peer;
}

BENCHMARK(coroutine_bytes)->ArgName("live")->Arg(1000000)->Iterations(1);

template <std::size_t (*Peer)(), std::size_t (*Ours)()>
void coroutine_frame_bytes(benchmark::State& state) {
  for (auto _ : state) {
  }
  state.counters["peer"] = static_cast<double>(Peer());
  state.counters["ours"] = static_cast<double>(Ours());
  state.counters["ratio"] = state.counters["ours"] / state.counters["peer"];
}

BENCHMARK(coroutine_frame_bytes<untracked::frame_size, tracked::frame_size>)->Name("coroutine_frame_bytes")->Iterations(1);
BENCHMARK(coroutine_frame_bytes<untracked::frame_size_of_one_await, tracked::frame_size_of_one_await>)
    ->Name("coroutine_frame_bytes_of_one_await")
    ->Iterations(1);
BENCHMARK(coroutine_frame_bytes<untracked::frame_size_of_five_awaits, tracked::frame_size_of_five_awaits>)
    ->Name("coroutine_frame_bytes_of_five_awaits")
    ->Iterations(1);

/// So many that live as long as the object.
class parked_coroutines {
 public:
  explicit parked_coroutines(std::size_t count) {
    handles_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) tracked::park(handles_);
  }
  parked_coroutines(const parked_coroutines&) = delete;
  parked_coroutines& operator=(const parked_coroutines&) = delete;
  ~parked_coroutines() { destroy_all(handles_); }

 private:
  coroutine_handles handles_;
};

void coroutine_suspend_once(benchmark::State& state) { compare(state, 10000, &untracked::suspend_once, &tracked::suspend_once); }
void coroutine_await_lazy(benchmark::State& state) { compare(state, 10000, &untracked::await_lazy, &tracked::await_lazy); }
void coroutine_await_eager(benchmark::State& state) { compare(state, 10000, &untracked::await_eager, &tracked::await_eager); }

BENCHMARK(coroutine_suspend_once)->Iterations(500);
BENCHMARK(coroutine_await_lazy)->Iterations(500);
BENCHMARK(coroutine_await_eager)->Iterations(500);

/// The same, while that many others live.
void coroutine_suspend_once_among(benchmark::State& state) {
  const parked_coroutines others(static_cast<std::size_t>(state.range(0)));
  coroutine_suspend_once(state);
}

BENCHMARK(coroutine_suspend_once_among)->ArgName("others")->Arg(1000000)->Iterations(500);

/// All of them created, then all destroyed: the slots and frames come cold.
template <void (*Park)(coroutine_handles&)>
void fill_and_empty(coroutine_handles& room, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) Park(room);
  destroy_all(room);
}

void coroutine_fill_and_empty(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  coroutine_handles room;
  room.reserve(count);
  compare(
      state, 1, [&] { fill_and_empty<untracked::park>(room, count); }, [&] { fill_and_empty<tracked::park>(room, count); });
  for (const char* which : {"peer", "ours"}) state.counters[which] = state.counters[which] / static_cast<double>(count);
}

BENCHMARK(coroutine_fill_and_empty)->ArgName("live")->Arg(1000)->Arg(1000000)->Iterations(9);

constexpr int rounds = 20000;

/// Time from before two threads begin with the work to after both have ended it, for each of their calls.
template <void (*Work)()>
void on_two_threads() {
  const auto work = [] {
    for (int i = 0; i < rounds; ++i) Work();
  };
  std::thread other(work);
  work();
  other.join();
}

void coroutine_on_two_threads(benchmark::State& state) {
  compare(state, 1, &on_two_threads<untracked::suspend_once>, &on_two_threads<tracked::suspend_once>);
  for (const char* which : {"peer", "ours"}) state.counters[which] = state.counters[which] / rounds;
}

BENCHMARK(coroutine_on_two_threads)->Iterations(100);

/// One thread creates, another destroys, a batch behind.
template <void (*Park)(coroutine_handles&)>
void hand_over() {
  constexpr int batches = 20, per_batch = rounds / batches;
  coroutine_handles rooms[2];
  for (coroutine_handles& room : rooms) room.reserve(per_batch);
  std::barrier turn(2);
  std::thread other([&] {
    for (int b = 0; b < batches; ++b) {
      turn.arrive_and_wait();
      destroy_all(rooms[b % 2]);
    }
    turn.arrive_and_wait();
  });
  for (int b = 0; b < batches; ++b) {
    for (int i = 0; i < per_batch; ++i) Park(rooms[b % 2]);
    turn.arrive_and_wait();
  }
  turn.arrive_and_wait();
  other.join();
}

void coroutine_destroyed_elsewhere(benchmark::State& state) {
  compare(state, 1, &hand_over<untracked::park>, &hand_over<tracked::park>);
  for (const char* which : {"peer", "ours"}) state.counters[which] = state.counters[which] / rounds;
}

BENCHMARK(coroutine_destroyed_elsewhere)->Iterations(100);

/// A guard that finds nothing beside one in an empty program: the older coroutines make no difference.
void clean_check_coroutines(benchmark::State& state) {
  const parked_coroutines ignored(static_cast<std::size_t>(state.range(0)));
  compare(
      state, 100, [] { benchmark::DoNotOptimize(getppid()); }, [] { const taskleak::guard guard; });
}

BENCHMARK(clean_check_coroutines)->ArgName("live")->Arg(0)->Arg(1000)->Arg(100000)->Arg(1000000)->Iterations(500);

void snapshot_coroutines(benchmark::State& state) {
  const parked_coroutines ignored(static_cast<std::size_t>(state.range(0)));
  compare(
      state, 100, [] { benchmark::DoNotOptimize(getppid()); },
      [] {
        const taskleak::snapshot now;
        benchmark::DoNotOptimize(&now);
      });
}

BENCHMARK(snapshot_coroutines)->ArgName("live")->Arg(0)->Arg(1000000)->Iterations(500);

void dump_beside_text(benchmark::State& state) {
  std::size_t bytes = 0;
  // a peer of the least work: as many strings as a text that folds nothing has blocks
  const auto count = static_cast<std::size_t>(state.range(0));
  const auto peer = [&] {
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
      text += "coroutine " + std::to_string(i) + " wait() [suspended at a.cpp:" + std::to_string(i % 64) + "]\n";
    benchmark::DoNotOptimize(text.size());
  };
  compare(state, 1, peer, [&] {
    std::ostringstream text;
    taskleak::dump(text);
    bytes = text.str().size();
  });
  state.counters["bytes"] = static_cast<double>(bytes);
}

/// All suspended in one co_await.
void dump_coroutines(benchmark::State& state) {
  const parked_coroutines parked(static_cast<std::size_t>(state.range(0)));
  dump_beside_text(state);
}

BENCHMARK(dump_coroutines)->ArgName("parked")->Arg(1000)->Arg(100000)->Iterations(5);

/// Half of them await one of the others, in 64 pairs of functions.
void dump_coroutine_pairs(benchmark::State& state) {
  coroutine_handles parents;
  for (std::size_t i = 0; i < static_cast<std::size_t>(state.range(0)) / 2; ++i) tracked::park_pair(parents, i);
  dump_beside_text(state);
  destroy_all(parents);
}

BENCHMARK(dump_coroutine_pairs)->ArgName("parked")->Arg(100000)->Iterations(5);

/// A guard that fails, without the time it waits. The coroutines are made and destroyed in either case, since no check reports
/// one twice.
void failing_check_coroutines(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  taskleak::detail::set_failure_sink([](const taskleak::detail::failure&) {});
  compare(
      state, 1, [&] { const parked_coroutines parked(count); },
      [&] {
        taskleak::guard guard(taskleak::wait_up_to(std::chrono::nanoseconds(0)));
        const parked_coroutines parked(count);
        benchmark::DoNotOptimize(guard.check());
      });
  taskleak::detail::set_failure_sink(nullptr);
}

BENCHMARK(failing_check_coroutines)->ArgName("left")->Arg(1000000)->Iterations(2);

}  // namespace
