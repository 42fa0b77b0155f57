// SPDX-License-Identifier: MIT
/// \file Tells whether a thread has run between two looks at it, by the kernel's account.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_RUN_ACCOUNT_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_RUN_ACCOUNT_HPP

#include <taskleak/detail/platform/linux/parked_call.hpp>
#include <taskleak/detail/platform/linux/proc_file.hpp>

#include <cstdint>
#include <cstdlib>
#include <optional>

namespace taskleak::inline v0::detail {

/// Says how long and how often a thread has run.
struct run_account {
  std::int64_t ran_ns = 0;
  long times = 0;

  bool operator==(const run_account&) const = default;
};

/// Reads /proc/PID/task/TID/schedstat, proc_pid_schedstat() in the kernel's fs/proc/base.c; a kernel that keeps no such account
/// has zeros there, and may tell as much in the longer file "sched". Empty where neither tells.
inline std::optional<run_account> read_run_account(int tid) noexcept {
  const thread_file file(tid, "schedstat");
  char* end = nullptr;
  const long long ran_ns = std::strtoll(file.c_str(), &end, 10);
  std::strtoll(end, &end, 10);  // how long it has waited for a CPU
  const long times = std::strtol(end, &end, 10);
  if (times > 0) return run_account{ran_ns, times};
  const auto scheduling = read_scheduling(tid);
  if (!scheduling) return std::nullopt;
  return run_account{scheduling->ran_ns, scheduling->sleeps};
}

/// Whether the thread is parked and has not run since the account was read. The account alone does not tell: it is brought up to
/// date at a tick, and when the thread goes to sleep again.
inline bool has_not_run_since(int tid, const run_account& before) noexcept {
  return read_parked_call(tid).what == parked_call::kind::blocked && read_run_account(tid) == before;
}

}  // namespace taskleak::inline v0::detail

#endif
