// SPDX-License-Identifier: MIT
/// \file Remembers the tasks alive at one moment, and counts the live tasks.
#ifndef TASKLEAK_SNAPSHOT_HPP
#define TASKLEAK_SNAPSHOT_HPP

#include <taskleak/detail/run/main_line.hpp>

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0 {

/// Remembers the tasks that are alive when the snapshot is made.
///
/// Costs one system call and no allocation however many tasks are alive: a snapshot is a watermark, not a list.
///
///     taskleak::snapshot before;
///     start_pool();
///     taskleak::find(taskleak::ignore_current(before));  // reports the pool only
class [[nodiscard("a snapshot is compared with later: give it a name")]] snapshot {
 public:
  [[nodiscard("a snapshot is compared with later: give it a name")]] snapshot() noexcept
      : watermark_(detail::main_line::take_snapshot()) {}

  /// Returns the greatest epoch of a task that was alive, or already over, when the snapshot was made.
  [[nodiscard]] std::uint64_t watermark() const noexcept { return watermark_; }

 private:
  std::uint64_t watermark_;
};

/// Counts the live tasks of the process: every thread but the main one, and every tracked coroutine.
/// A thread that has finished and was never joined still counts.
[[nodiscard]] inline std::size_t task_count() noexcept { return detail::main_line::count_tasks(); }

}  // namespace taskleak::inline v0

#endif
