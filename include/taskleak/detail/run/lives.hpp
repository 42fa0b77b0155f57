// SPDX-License-Identifier: MIT
/// \file Keeps when tests ran and tasks lived, and puts it into words at the end of the run. The headers of formats that write it
/// include this file, and no other does: a program that does not ask for them has none of it.
#ifndef TASKLEAK_DETAIL_RUN_LIVES_HPP
#define TASKLEAK_DETAIL_RUN_LIVES_HPP

#include <taskleak/detail/base/never_destroyed.hpp>
#include <taskleak/detail/inspect/transfer_frames.hpp>
#include <taskleak/detail/platform/choice.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/probe/coroutine/coroutine_lives.hpp>
#include <taskleak/detail/probe/life_log.hpp>
#include <taskleak/detail/probe/thread/record_events.hpp>
#include <taskleak/detail/registry/registry.hpp>
#include <taskleak/detail/registry/scope.hpp>
#include <taskleak/detail/report/text/block.hpp>
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/format.hpp>
#include <taskleak/report.hpp>
#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/proc_file.hpp>
#endif

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Remembers when tests began and ended. Several threads may open and close scopes at the same time.
class test_times {
 public:
  void begin(const scope& s) {
    if (s.kind != scope_kind::test && s.kind != scope_kind::suite) return;
    const std::lock_guard lock(mutex_);
    numbers_[s.opened_at] = all_.size();
    all_.push_back({s.name, s.kind == scope_kind::suite, std::chrono::nanoseconds(now_ns()), {}});
  }

  void end(const scope& s) {
    const std::lock_guard lock(mutex_);
    if (const auto at = numbers_.find(s.opened_at); at != numbers_.end())
      all_[at->second].ended = std::chrono::nanoseconds(now_ns());
  }

  std::vector<test_time> copy() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }

  /// Returns the name of the test that test_around() named by this number.
  std::string name_of(std::uint64_t test) const {
    const std::lock_guard lock(mutex_);
    const auto at = numbers_.find(test);
    return at == numbers_.end() ? std::string() : all_[at->second].name;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<test_time> all_;
  std::map<std::uint64_t, std::size_t> numbers_;  ///< in all_, by the epoch of the scope
};

/// Keeps lives from when it is switched on.
class kept_lives {
 public:
  /// Begins to keep; `and_stacks` says that whole creation stacks of coroutines are kept, too.
  void switch_on(bool and_stacks) {
    began_ns_ = now_ns();
    the_life_log.store_release(&never_destroyed<life_log>());
    the_stack_keeper.store_release(and_stacks ? &keeper_of_lives_and_stacks : &keeper_of_lives);
  }

  test_times& times() noexcept { return times_; }

  /// Adds all lives and tests to the run.
  void add_to(run_report& run) const {
    const std::int64_t now = now_ns();
    run.tests = times_.copy();
    for (test_time& one : run.tests) {
      if (one.ended.count() == 0) one.ended = std::chrono::nanoseconds(now);
      one.began -= std::chrono::nanoseconds(began_ns_);
      one.ended -= std::chrono::nanoseconds(began_ns_);
    }
    const life_log& log = never_destroyed<life_log>();
    std::vector<task_life_record> records = log.copy();
    run.lives_lost = log.lost();
    append_living_threads(records);
    lives_of_coroutines.append_alive(records);
    std::map<std::vector<std::uintptr_t>, place_of_creation> places;
    for (const task_life_record& record : records) run.lives.push_back(in_words(record, now, places));
  }

 private:
  struct place_of_creation {
    std::string function;  ///< of a coroutine: its own
    std::string text;      ///< the function that created the task, and its line
  };

  static void append_living_threads(std::vector<task_life_record>& to) {
    constexpr std::size_t room_for_newcomers = 64;
    std::vector<task_life_record> alive(the_registry.size() + room_for_newcomers);  // not while a shard is locked
    std::size_t count = 0;
    the_registry.for_each_younger_than(0, [&](task_node& node) {
      if (count < alive.size()) alive[count++] = life_of(static_cast<thread_record&>(node));
    });
    to.insert(to.end(), alive.begin(), alive.begin() + static_cast<std::ptrdiff_t>(count));
  }

  static const place_of_creation& find_place(const task_life_record& record,
                                             std::map<std::vector<std::uintptr_t>, place_of_creation>& places) {
    std::vector<std::uintptr_t> addresses;
    for (unsigned i = 0; i < record.depth; ++i) addresses.push_back(reinterpret_cast<std::uintptr_t>(record.made_at[i]));
    const auto [at, is_new] = places.try_emplace(std::move(addresses));
    if (!is_new) return at->second;
    std::vector<frame> stack = frames_of_captured(at->first.data(), at->first.size());
    mark_plumbing(stack);
    const frame* shown = first_shown(stack);
    if (shown && record.kind == task_kind::coroutine) {
      at->second.function = shown->function;  // the coroutine's own, which its caller has called
      stack.erase(stack.begin(), stack.begin() + (shown - stack.data()) + 1);
      shown = first_shown(stack);
    }
    if (shown) {
      std::string place;
      append_place(place, *shown);
      at->second.text = shown->function + (place.empty() ? "" : " ") + place;
    }
    return at->second;
  }

  task_life in_words(const task_life_record& record, std::int64_t now,
                     std::map<std::vector<std::uintptr_t>, place_of_creation>& places) const {
    task_life life;
    life.kind = record.kind;
    life.id = record.id;
    life.test = times_.name_of(record.test);
    life.is_alive = record.ended_ns == 0;
    life.born = std::chrono::nanoseconds(record.born_ns - began_ns_);
    life.ended = std::chrono::nanoseconds((life.is_alive ? now : record.ended_ns) - began_ns_);
    const place_of_creation& made = find_place(record, places);
    life.created_at = made.text;
    if (record.kind == task_kind::coroutine) {
      life.name = made.function;
      return life;
    }
    char name[sizeof record.name_words + 1] = {};
    std::memcpy(name, record.name_words, sizeof record.name_words);
    life.name = name;
#if defined(TASKLEAK_ON_LINUX)
    if (life.is_alive && record.id != 0) life.name = kernel_thread_name(static_cast<int>(record.id));
#endif
    return life;
  }

  std::int64_t began_ns_ = 0;
  test_times times_;
};

inline constexpr life_keeper keeper_of_tests_and_tasks{
    [](bool and_stacks) { never_destroyed<kept_lives>().switch_on(and_stacks); },
    [](const scope& opened) { never_destroyed<kept_lives>().times().begin(opened); },
    [](const scope& ended) { never_destroyed<kept_lives>().times().end(ended); },
    [](run_report& run) { never_destroyed<kept_lives>().add_to(run); },
};

}  // namespace taskleak::inline v0::detail

#endif
