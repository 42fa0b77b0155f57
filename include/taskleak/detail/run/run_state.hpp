// SPDX-License-Identifier: MIT
/// \file What a run of a test program remembers from its begin to its end.
#ifndef TASKLEAK_DETAIL_RUN_RUN_STATE_HPP
#define TASKLEAK_DETAIL_RUN_RUN_STATE_HPP

#include <taskleak/detail/base/never_destroyed.hpp>
#include <taskleak/detail/filter/library_rules.hpp>
#include <taskleak/detail/filter/rules.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/probe/thread/thread_life.hpp>
#include <taskleak/detail/run/environment.hpp>
#include <taskleak/detail/run/leak_log.hpp>
#include <taskleak/detail/run/run.hpp>
#include <taskleak/report.hpp>

#include <atomic>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// One for the process, never destroyed.
struct run_state {
  std::atomic<bool> active{false};
  std::atomic<int> pid{0};  ///< of the process whose run it is, or was; 0 before any
  environment_options environment;
  rule_set rules;  ///< of the whole run: verify_test_main()'s, and the suppression files'
  library_rules libraries;
  std::atomic<failure_sink> sink{nullptr};
  std::atomic<bool> failed_without_sink{false};

  leak_log found_so_far;  ///< what checks reported

  std::mutex found_mutex;
  std::vector<straggler> found;  ///< with write_suppressions: what rules are to be written for

  /// The child of a fork has its parent's memory, but none of its threads.
  bool is_ours() const noexcept { return active.load(std::memory_order_acquire) && !in_child_process(); }

  bool writes_suppressions() const noexcept { return !environment.write_suppressions.empty(); }
};

inline run_state& the_run() { return never_destroyed<run_state>(); }

}  // namespace taskleak::inline v0::detail

#endif
