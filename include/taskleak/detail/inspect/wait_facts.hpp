// SPDX-License-Identifier: MIT
/// \file Reads more of a wait from the arguments of its system call: for how long at most, on which descriptors, behind how many
/// readers.
#ifndef TASKLEAK_DETAIL_INSPECT_WAIT_FACTS_HPP
#define TASKLEAK_DETAIL_INSPECT_WAIT_FACTS_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/inspect/descriptors.hpp>
#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/platform/parked_call.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <chrono>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>

namespace taskleak::inline v0::detail {

/// Holds the time limit of a system call: a time to pass (relative), or a time of a clock (absolute).
class wait_limit {
 public:
  /// Returns the call's limit; empty if the call has none, or the limit cannot be read.
  static std::optional<wait_limit> of(const parked_call& call) {
    const auto* const a = call.arguments;
    switch (call.number) {
      case SYS_nanosleep: return at(a[0]);
      case SYS_clock_nanosleep: return (a[1] & TIMER_ABSTIME) ? at(a[2], static_cast<clockid_t>(a[0])) : at(a[2]);
      case SYS_futex: return of_futex(call);
      case SYS_ppoll:
      case SYS_rt_sigtimedwait: return at(a[2]);
      case SYS_pselect6: return at(a[4]);
      case SYS_semtimedop: return at(a[3]);
      case SYS_mq_timedreceive:
      case SYS_mq_timedsend: return at(a[4], CLOCK_REALTIME);
#if defined(SYS_futex_waitv)
      case SYS_futex_waitv: return at(a[3], static_cast<clockid_t>(a[4]));
#endif
      case SYS_epoll_pwait: return of_milliseconds(a[3]);
#if defined(SYS_epoll_pwait2)
      case SYS_epoll_pwait2: return at(a[3]);
#endif
#if defined(SYS_poll)  // the older calls, which newer architectures lack
      case SYS_poll: return of_milliseconds(a[2]);
      case SYS_epoll_wait: return of_milliseconds(a[3]);
      case SYS_select: return of_timeval(a[4]);
#endif
      default: return std::nullopt;
    }
  }

  /// Returns what is left of the limit when the call has taken so long.
  std::chrono::nanoseconds left_after(std::chrono::nanoseconds taken) const noexcept {
    std::chrono::nanoseconds left = time_ - taken;
    if (clock_) {
      timespec now{};
      clock_gettime(*clock_, &now);
      left = time_ - in_nanoseconds(now);
    }
    return std::max(left, std::chrono::nanoseconds(0));
  }

 private:
  static std::chrono::nanoseconds in_nanoseconds(const timespec& t) noexcept {
    return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
  }

  static std::optional<wait_limit> at(std::uintptr_t address, std::optional<clockid_t> clock = std::nullopt) {
    timespec t{};
    constexpr std::time_t for_ever = std::time_t{1} << 32;  // 136 years: a limit in name only
    if (address == 0 || !copy_value(address, t) || t.tv_sec < 0 || t.tv_sec >= for_ever) return std::nullopt;
    wait_limit limit;
    limit.time_ = in_nanoseconds(t);
    limit.clock_ = clock;
    return limit;
  }

  static std::optional<wait_limit> of_timeval(std::uintptr_t address) {
    timeval t{};
    if (address == 0 || !copy_value(address, t)) return std::nullopt;
    wait_limit limit;
    limit.time_ = std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_usec);
    return limit;
  }

  static std::optional<wait_limit> of_milliseconds(std::uintptr_t argument) {
    const int ms = static_cast<int>(static_cast<unsigned>(argument));
    if (ms < 0) return std::nullopt;
    wait_limit limit;
    limit.time_ = std::chrono::milliseconds(ms);
    return limit;
  }

  /// Returns the limit of futex(2): FUTEX_WAIT takes a time to pass, the other operations a time of a clock.
  static std::optional<wait_limit> of_futex(const parked_call& call) {
    constexpr int lock_pi_by_any_clock = 13;  // FUTEX_LOCK_PI2, of Linux 5.14
    const auto operation = static_cast<int>(call.arguments[1]);
    switch (operation & FUTEX_CMD_MASK) {
      case FUTEX_WAIT: return at(call.arguments[3]);
      case FUTEX_LOCK_PI: return at(call.arguments[3], CLOCK_REALTIME);
      case lock_pi_by_any_clock:
      case FUTEX_WAIT_BITSET:
      case FUTEX_WAIT_REQUEUE_PI:
        return at(call.arguments[3], (operation & FUTEX_CLOCK_REALTIME) ? CLOCK_REALTIME : CLOCK_MONOTONIC);
      default: return std::nullopt;
    }
  }

  std::chrono::nanoseconds time_{0};
  std::optional<clockid_t> clock_;  ///< the clock of an absolute time; none for a time to pass
};

/// Returns the descriptors that poll(2), select(2) or epoll_wait(2) waits for, a hundred at most.
inline light_vector<int> awaited_descriptors(const parked_call& call) {
  constexpr std::size_t most = 100;
  light_vector<int> found;
  const auto* const a = call.arguments;
  const auto of_poll = [&] {
    light_vector<pollfd> entries(std::min<std::size_t>(a[1], most));
    entries.resize(copy_memory(a[0], entries.data(), entries.size() * sizeof(pollfd)) / sizeof(pollfd));
    for (const pollfd& entry : entries)
      if (entry.fd >= 0) found.push_back(entry.fd);
  };
  const auto of_select = [&] {
    const std::size_t count = std::min<std::size_t>(a[0], FD_SETSIZE);
    constexpr std::size_t bits = sizeof(unsigned long) * CHAR_BIT;
    for (std::size_t first = 0; first < count; first += bits) {
      unsigned long any = 0;
      for (const std::uintptr_t set : {a[1], a[2], a[3]}) {
        unsigned long word = 0;
        if (set != 0 && copy_value(set + first / CHAR_BIT, word)) any |= word;
      }
      for (std::size_t i = 0; i < bits && first + i < count; ++i)
        if ((any >> i & 1) && found.size() < most) found.push_back(static_cast<int>(first + i));
    }
  };
  switch (call.number) {
    case SYS_ppoll: of_poll(); break;
    case SYS_pselect6: of_select(); break;
#if defined(SYS_poll)
    case SYS_poll: of_poll(); break;
    case SYS_select: of_select(); break;
    case SYS_epoll_wait:
#endif
#if defined(SYS_epoll_pwait2)
    case SYS_epoll_pwait2:
#endif
    case SYS_epoll_pwait: found = watched_by_epoll(static_cast<int>(a[0])); break;
    default: break;
  }
  return found;
}

/// Returns the time until the first timer goes off of those that poll(2), select(2) or epoll_wait(2) waits for. A late one does
/// not count: an event loop that has no timer of the program's sets its own as late as can be, as Asio's, five minutes.
inline std::optional<std::chrono::nanoseconds> time_left_of_timers(const std::vector<descriptor>& awaited) {
  constexpr std::chrono::minutes late(1);
  std::optional<std::chrono::nanoseconds> first;
  for (const descriptor& d : awaited)
    if (const auto left = d.goes_off_in; left && *left < late && (!first || *left < *first)) first = left;
  return first;
}

/// Returns what is left of a limit that the descriptor has, and not the call: a socket's SO_RCVTIMEO or SO_SNDTIMEO, or the time
/// until a timer of timerfd_create(2) goes off.
inline std::optional<std::chrono::nanoseconds> time_left_of_descriptor(const straggler& s, const descriptor& d) {
  if (s.state == state::read && d.target == "anon_inode:[timerfd]") return d.goes_off_in;
  const bool is_for_input = s.state == state::read || s.state == state::accept;
  if (d.protocol.empty() || (!is_for_input && s.state != state::write && s.state != state::connect)) return std::nullopt;
  timeval limit{};
  socklen_t size = sizeof limit;
  if (getsockopt(d.number, SOL_SOCKET, is_for_input ? SO_RCVTIMEO : SO_SNDTIMEO, &limit, &size) != 0) return std::nullopt;
  const std::chrono::nanoseconds whole = std::chrono::seconds(limit.tv_sec) + std::chrono::microseconds(limit.tv_usec);
  if (whole.count() == 0) return std::nullopt;
  return std::max(whole - s.parked_for, std::chrono::nanoseconds(0));
}

/// Returns how many readers hold a pthread_rwlock_t. glibc counts readers above the three lowest bits of __readers; the lowest
/// bit says that it is a writer's turn (nptl/pthread_rwlock_common.c).
inline unsigned readers_of(std::uintptr_t rwlock) {
  constexpr unsigned is_turn_of_writer = 1, shift = 3;
  unsigned readers = 0;
  const bool is_known = copy_value(rwlock + offsetof(pthread_rwlock_t, __data.__readers), readers);
  return !is_known || (readers & is_turn_of_writer) ? 0 : readers >> shift;
}

/// Returns how long a wait that ends by itself will go on, by its call or by the descriptor that it waits on; empty for any other
/// wait.
inline std::optional<std::chrono::nanoseconds> time_left_of(const parked_call& call, const straggler& s) {
  if (const auto limit = wait_limit::of(call)) return limit->left_after(s.parked_for);
  if (s.waits_on.kind != "fd" || s.waits_on.descriptors.empty()) return std::nullopt;
  if (s.state == state::poll) return time_left_of_timers(s.waits_on.descriptors);
  return time_left_of_descriptor(s, s.waits_on.descriptors.front());
}

/// Completes the facts that classify() has found of a blocked thread; parked_for has to be known.
inline void add_wait_facts(const parked_call& call, straggler& s) {
  wait_object& object = s.waits_on;
  if (s.state == state::shared_mutex_lock && object.owner == 0 && object.address != 0)
    object.readers = readers_of(object.address);
  if (object.kind == "fd") object.descriptors.push_back(look_at_descriptor(static_cast<int>(object.address)));
  s.time_left = time_left_of(call, s);
  const light_vector<int> awaited = awaited_descriptors(call);
  if (awaited.empty()) return;
  const int epoll = object.kind == "fd" ? static_cast<int>(object.address) : -1;
  if (epoll < 0) {
    object.kind = "fd";
    object.address = static_cast<std::uintptr_t>(awaited.front());
  }
  for (const int fd : awaited) object.descriptors.emplace_back(look_at_descriptor(fd)).watched_by = epoll;
  if (!s.time_left) s.time_left = time_left_of(call, s);
}

}  // namespace taskleak::inline v0::detail

#endif
