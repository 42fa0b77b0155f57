// SPDX-License-Identifier: MIT
/// \file Remembers the threads that static objects own, from the check that found them until they are judged.
#ifndef TASKLEAK_DETAIL_RUN_OWNED_LOG_HPP
#define TASKLEAK_DETAIL_RUN_OWNED_LOG_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/probe/thread/live_thread.hpp>
#include <taskleak/detail/probe/thread/thread_record.hpp>
#include <taskleak/detail/report/text/summary.hpp>
#include <taskleak/detail/run/suspect_list.hpp>

#include <fmt/core.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Keeps each thread once, however many scopes it moves up. Several threads may add at the same time.
class owned_log {
 public:
  void add(const light_vector<owned_thread>& found) {
    if (found.empty()) return;
    const std::lock_guard lock(mutex_);
    for (const owned_thread& t : found) owners_.insert_or_assign(t.serial, t.owner);
  }

  void clear() {
    const std::lock_guard lock(mutex_);
    owners_.clear();
  }

  /// Returns those that are alive, oldest first.
  light_vector<live_thread> alive() const {
    const std::map<std::uint64_t, std::string> owners = copy();
    if (owners.empty()) return {};
    return copy_threads_younger_than(0, [&](const thread_record& r) {
      return owners.contains(r.serial) && (r.events.load_acquire() & thread_event::over) != thread_event::over;
    });
  }

  /// Returns how many of these threads each owner has: `3 threads owned by static logger::instance()::one`.
  std::vector<std::string> in_words(const light_vector<live_thread>& threads) const {
    const std::map<std::uint64_t, std::string> owners = copy();
    std::map<std::string, std::size_t> counts;
    for (const live_thread& t : threads)
      if (const auto owner = owners.find(t.serial); owner != owners.end()) ++counts[owner->second];
    std::vector<std::string> lines;
    for (const auto& [owner, count] : counts) lines.push_back(fmt::format("{} owned by {}", count_in_words(count, 0), owner));
    return lines;
  }

 private:
  std::map<std::uint64_t, std::string> copy() const {
    const std::lock_guard lock(mutex_);
    return owners_;
  }

  mutable std::mutex mutex_;
  std::map<std::uint64_t, std::string> owners_;  ///< by the serials of the threads
};

}  // namespace taskleak::inline v0::detail

#endif
