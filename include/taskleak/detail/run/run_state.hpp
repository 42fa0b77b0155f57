// SPDX-License-Identifier: MIT
/// \file Holds what a run of a test program remembers from its beginning to its end.
#ifndef TASKLEAK_DETAIL_RUN_RUN_STATE_HPP
#define TASKLEAK_DETAIL_RUN_RUN_STATE_HPP

#include <taskleak/detail/base/never_destroyed.hpp>
#include <taskleak/detail/filter/library_rules.hpp>
#include <taskleak/detail/filter/rules.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/probe/thread/thread_life.hpp>
#include <taskleak/detail/run/environment.hpp>
#include <taskleak/detail/run/leak_log.hpp>
#include <taskleak/detail/run/outputs.hpp>
#include <taskleak/detail/run/owned_log.hpp>
#include <taskleak/detail/run/run.hpp>
#include <taskleak/report.hpp>

#include <atomic>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Holds the state of a run. There is one for the process, which is never destroyed.
struct run_state {
  std::atomic<bool> active{false};
  std::atomic<int> pid{0};  ///< the process whose run this is, or was; 0 before any run
  environment_options environment;
  rule_set rules;  ///< the rules of the whole run: those of verify_test_main() and of suppression files
  library_rules libraries;
  std::atomic<failure_sink> sink{nullptr};
  std::atomic<hang_sink> sink_of_hangs{nullptr};
  std::atomic<bool> failed_without_sink{false};

  leak_log found_so_far;  ///< what checks reported
  owned_log owned;        ///< the threads that are judged after static destruction
  run_outputs outputs;    ///< the formats that are written, and what they are written of

  std::mutex found_mutex;
  std::vector<straggler> found;  ///< the stragglers to write rules for, with write_suppressions

  /// Whether this process has a run. The child of a fork has its parent's memory, but not its parent's threads. A child of
  /// vfork(2) is not told from its parent: what it may come to, as the handlers of exit(), has to ask in_child_process(), too.
  bool is_ours() const noexcept { return active.load(std::memory_order_acquire) && !in_forked_child(); }

  bool writes_suppressions() const noexcept { return !environment.write_suppressions.empty(); }
};

inline run_state& the_run() { return never_destroyed<run_state>(); }

}  // namespace taskleak::inline v0::detail

#endif
