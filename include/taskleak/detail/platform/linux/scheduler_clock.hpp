// SPDX-License-Identifier: MIT
/// \file Tells since when a thread has not run, by the kernel's account of it.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_SCHEDULER_CLOCK_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_SCHEDULER_CLOCK_HPP

#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/platform/linux/proc_file.hpp>
#include <taskleak/detail/platform/linux/system.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

#include <sched.h>

namespace taskleak::inline v0::detail {

/// Reads the clock of each CPU's scheduler. The clock leaves out what interrupts and, in a virtual machine, other machines took,
/// so the clocks of two CPUs may be seconds apart: kernel/sched/core.c, update_rq_clock_task().
class scheduler_clocks {
 public:
  constexpr scheduler_clocks() noexcept = default;

  /// Returns nanoseconds of that CPU's clock, or of the calling CPU's where the other cannot be read. Empty without
  /// /proc/.../sched.
  std::optional<std::int64_t> now_on(int cpu) noexcept {
    if (cpu < 0 || static_cast<std::size_t>(cpu) >= most_cpus) return own_now();
    reading& known = readings_[cpu];
    const std::int64_t now = now_ns();
    if (known.taken_at_ns.load_acquire() == 0 || now - known.taken_at_ns.load_acquire() > longest_use_ns) {
      const auto own = own_now_on(cpu);
      if (!own) return std::nullopt;
      known.behind_ns.store_relaxed(now_ns() - *own);
      known.taken_at_ns.store_release(now);
    }
    return now_ns() - known.behind_ns.load_relaxed();
  }

 private:
  static constexpr std::size_t most_cpus = CPU_SETSIZE;
  static constexpr std::int64_t longest_use_ns = 100'000'000;

  struct reading {
    light_atomic<std::int64_t> behind_ns{0};  ///< behind CLOCK_MONOTONIC
    light_atomic<std::int64_t> taken_at_ns{0};
  };

  static std::optional<std::int64_t> own_now() noexcept {
    const auto own = read_own_scheduling();
    if (!own) return std::nullopt;
    return own->last_ran_ns;
  }

  /// Reads the account of the calling thread on that CPU: the calling thread goes there for a moment.
  static std::optional<std::int64_t> own_now_on(int cpu) noexcept {
    if (sched_getcpu() == cpu) return own_now();
    cpu_set_t before, only;
    if (sched_getaffinity(0, sizeof before, &before) != 0) return own_now();
    CPU_ZERO(&only);
    CPU_SET(static_cast<std::size_t>(cpu), &only);
    const bool moved = sched_setaffinity(0, sizeof only, &only) == 0;
    const auto own = own_now();
    if (moved) sched_setaffinity(0, sizeof before, &before);
    return own;
  }

  reading readings_[most_cpus];
};

inline constinit scheduler_clocks the_scheduler_clocks;

/// Returns how long the thread has been asleep, in nanoseconds; `age_ns` is the age of the thread. Empty where the kernel does
/// not say.
inline std::optional<std::int64_t> asleep_for_ns(int tid, std::optional<std::int64_t> age_ns) noexcept {
  const auto its = read_scheduling(tid);
  if (!its) return std::nullopt;
  // it has lived, run and gone to sleep once
  if (age_ns && its->sleeps == 1) return *age_ns - its->ran_ns;
  const auto now = the_scheduler_clocks.now_on(last_cpu(tid));
  if (!now) return std::nullopt;
  return *now - its->last_ran_ns;
}

}  // namespace taskleak::inline v0::detail

#endif
