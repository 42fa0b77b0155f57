// SPDX-License-Identifier: MIT
/// \file Counts how often a thread wakes and goes back to the wait that it was in, while a check waits for its end.
#ifndef TASKLEAK_DETAIL_INSPECT_WAKE_COUNTS_HPP
#define TASKLEAK_DETAIL_INSPECT_WAKE_COUNTS_HPP

#include <taskleak/detail/base/id_map.hpp>
#include <taskleak/detail/inspect/wait_facts.hpp>
#include <taskleak/detail/platform/parked_call.hpp>
#include <taskleak/detail/platform/proc_file.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/unwind/thread_stack.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <sys/syscall.h>

namespace taskleak::inline v0::detail {

/// Takes a few looks at each thread, none of which disturbs it or reads a symbol. The kernel counts how often a thread has gone
/// to sleep (nr_voluntary_switches), and says nothing of where: that is the same as long as each look finds the same stack.
class wake_counts {
 public:
  /// `longest_ns` is how long the check will wait at most.
  explicit wake_counts(std::int64_t longest_ns) noexcept : pause_ns_(longest_ns / looks) {}

  /// Whether it is time to look at the threads.
  bool is_due() const noexcept { return now_ns() >= next_ns_; }
  /// To be called before the threads are looked at.
  void begin_look() noexcept { next_ns_ = now_ns() + pause_ns_; }

  void look(int tid) {
    history* known = threads_.find(static_cast<std::uint64_t>(tid));
    if (!known && (count_ == most_threads || !may_end_by_itself(read_parked_call(tid)))) return;
    std::optional<wait_seen> seen = see(tid);
    if (!seen) return;
    if (!known) {
      known = &threads_.add(static_cast<std::uint64_t>(tid));
      ++count_;
    }
    if (known->looks == 0 || known->first.return_addresses != seen->return_addresses)
      *known = {std::move(*seen), 1};
    else
      ++known->looks;
  }

  /// Returns how often the thread has woken and gone back to the wait that it is in; 0 if it has been elsewhere meanwhile, or
  /// was not woken by the limit of its wait.
  std::size_t times_back(int tid) const {
    const history* const known = threads_.find(static_cast<std::uint64_t>(tid));
    if (!known || known->looks < least_looks) return 0;
    const std::optional<wait_seen> now = see(tid);
    const bool is_the_same = now && now->return_addresses == known->first.return_addresses;
    if (!is_the_same || now_ns() < known->first.ends_by_ns || now->sleeps <= known->first.sleeps) return 0;
    return static_cast<std::size_t>(now->sleeps - known->first.sleeps);
  }

 private:
  static constexpr std::int64_t looks = 10;
  static constexpr int least_looks = 2;
  static constexpr std::size_t most_threads = 100;
  static constexpr std::chrono::hours a_long_time{24 * 365};

  struct wait_seen {
    std::vector<std::uintptr_t> return_addresses;
    long sleeps = 0;
    std::int64_t ends_by_ns = 0;  ///< when its limit has passed for certain
  };
  struct history {
    wait_seen first;
    int looks = 0;
  };

  /// Whether the call may have a limit, its own or that of the descriptor that it reads.
  static bool may_end_by_itself(const parked_call& call) {
    if (call.what != parked_call::kind::blocked) return call.what == parked_call::kind::running;
    return call.number != SYS_futex || wait_limit::of(call).has_value();
  }

  static std::optional<wait_seen> see(int tid) {
    const auto before = read_scheduling(tid);
    thread_look at = look_at_thread(tid, false);
    if (!before || at.call.what != parked_call::kind::blocked) return std::nullopt;
    wait_seen seen{std::move(at.stack.addresses), before->sleeps, now_ns()};
    if (const auto limit = wait_limit::of(at.call))
      seen.ends_by_ns += std::min<std::chrono::nanoseconds>(limit->left_after({}), a_long_time).count();
    return seen;
  }

  std::int64_t pause_ns_;
  std::int64_t next_ns_ = 0;
  std::size_t count_ = 0;
  id_map<history> threads_;  ///< by the kernel's ids
};

}  // namespace taskleak::inline v0::detail

#endif
