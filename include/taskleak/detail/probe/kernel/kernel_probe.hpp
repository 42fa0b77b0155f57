// SPDX-License-Identifier: MIT
/// \file Finds unannounced threads, made by raw clone(2) or by libc for itself, by asking the kernel.
#ifndef TASKLEAK_DETAIL_PROBE_KERNEL_KERNEL_PROBE_HPP
#define TASKLEAK_DETAIL_PROBE_KERNEL_KERNEL_PROBE_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/base/never_destroyed.hpp>
#include <taskleak/detail/platform/proc_file.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/platform/task_directory.hpp>
#include <taskleak/detail/probe/thread/live_thread.hpp>
#include <taskleak/detail/probe/thread/thread_life.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// Compares the kernel's threads with the registry's.
///
/// After its join a thread is still listed for a while (some 50 us, milliseconds on a busy machine), when the registry has
/// dropped it already. So an unknown thread counts only once it has stayed for `grace_ns`.
class kernel_probe {
 public:
  static constexpr std::int64_t grace_ns = 200'000'000;

  /// Looks for threads not seen before. Costs one system call when the numbers agree.
  void refresh() {
    const int count = own_tasks.count();
    if (count < 0) {
      if (known_count_.load_relaxed() != 0) forget_those_gone();
      return;
    }
    if (known_count_.load_relaxed() == 0 && count == running_threads.load_acquire() + 1) return;
    update();
  }

  /// Whether there may be an unannounced thread younger than the epoch. Call refresh() before.
  bool has_younger_than(std::uint64_t epoch) const noexcept {
    if (known_count_.load_relaxed() == 0) return false;
    const spin_guard guard(lock_);
    for (const entry& e : entries_)
      if (e.tid != 0 && e.epoch > epoch && !e.settled) return true;
    return false;
  }

  /// Appends the threads younger than the epoch; threads that have not stayed long enough to count go to `suspects`.
  void copy_younger_than(std::uint64_t epoch, bool settled_too, light_vector<live_thread>& to,
                         light_vector<live_thread>& suspects) {
    light_vector<live_thread> found(known_count_.load_relaxed() + 8);
    std::size_t count = 0;
    const std::int64_t now = now_ns();
    {
      const spin_guard guard(lock_);
      for (const entry& e : entries_) {
        if (e.tid == 0 || e.epoch <= epoch || (e.settled && !settled_too) || count == found.size()) continue;
        live_thread& t = found[count++];
        t.epoch = e.epoch;
        t.tid = e.tid;
        t.start_ticks = e.start_ticks;
        t.created_at_ns = e.first_seen_ns;
      }
    }
    suspects.clear();
    for (std::size_t i = 0; i < count; ++i) (now - found[i].created_at_ns < grace_ns ? suspects : to).push_back(found[i]);
  }

  void settle(int tid, std::uint64_t start_ticks) noexcept {
    const spin_guard guard(lock_);
    for (entry& e : entries_)
      if (e.tid == tid && e.start_ticks == start_ticks) e.settled = true;
  }

  std::size_t count() const noexcept { return known_count_.load_relaxed(); }

 private:
  struct entry {
    int tid = 0;  ///< 0: free
    std::uint64_t start_ticks = 0;
    std::uint64_t epoch = 0;
    std::int64_t first_seen_ns = 0;
    bool settled = false;
  };
  static constexpr std::size_t capacity = 1024;

  void update() {
    light_vector<int> listed;
    if (!own_tasks.list(listed)) {
      forget_those_gone();
      return;
    }
    const int self = current_pid();
    light_vector<int> announced{self};
    light_vector<live_thread> finished;
    for (const live_thread& t : copy_threads_younger_than(0, [](const thread_record&) { return true; }))
      t.finished ? finished.push_back(t) : announced.push_back(t.tid);
    detail::sort(announced);
    // a destructor of thread-specific data that runs after ours may have stopped a thread on its way out
    const auto is_on_its_way_out = [&](int tid, const thread_stat& stat) {
      return detail::any_of(finished.begin(), finished.end(),
                            [&](const live_thread& t) { return t.tid == tid && has_begun_by(stat, t.finished_at_ns); });
    };
    // a thread that has no id in its record yet is about to enter the id; until then the thread is not reported
    light_vector<entry> unknown;
    for (const int tid : listed) {
      if (std::binary_search(announced.begin(), announced.end(), tid)) continue;
      const auto stat = read_thread_stat(tid);
      if (!stat || stat->has_ended() || stat->is_of_kernel() || is_on_its_way_out(tid, *stat)) continue;
      unknown.push_back({tid, stat->start_ticks, 0, 0, false});
    }
    merge(unknown);
  }

  /// Drops known threads that have ended, for when the kernel's list cannot be read any more: no check must wait for them.
  void forget_those_gone() noexcept {
    const spin_guard guard(lock_);
    std::size_t known = 0;
    for (entry& e : entries_) {
      if (e.tid == 0) continue;
      if (syscall(SYS_tgkill, current_pid(), e.tid, 0) != 0)
        e = entry{};
      else
        ++known;
    }
    known_count_.store_relaxed(known);
  }

  void merge(light_vector<entry>& unknown) noexcept {
    const std::uint64_t epoch = the_registry.current_epoch();
    const std::int64_t now = now_ns();
    const auto same = [](const entry& a, const entry& b) { return a.tid == b.tid && a.start_ticks == b.start_ticks; };
    std::size_t known = 0;
    const spin_guard guard(lock_);
    for (entry& e : entries_) {
      if (e.tid == 0) continue;
      const auto still = detail::find_if(unknown.begin(), unknown.end(), [&](const entry& u) { return same(u, e); });
      if (still == unknown.end()) {
        e = entry{};
      } else {
        still->tid = 0;
        ++known;
      }
    }
    entry* free = entries_;
    for (const entry& u : unknown) {
      if (u.tid == 0) continue;
      while (free != entries_ + capacity && free->tid != 0) ++free;
      if (free == entries_ + capacity) break;
      *free = {u.tid, u.start_ticks, epoch, now, false};
      ++known;
    }
    known_count_.store_relaxed(known);
  }

  mutable spinlock lock_;
  light_atomic<std::size_t> known_count_{0};
  entry entries_[capacity];
};

/// Returns the one kernel probe. Never destroyed, since a check may run while static objects die.
inline kernel_probe& kernel_threads() { return never_destroyed<kernel_probe>(); }

}  // namespace taskleak::inline v0::detail

#endif
