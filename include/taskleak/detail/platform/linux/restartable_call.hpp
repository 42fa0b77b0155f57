// SPDX-License-Identifier: MIT
/// \file Tells the system calls that go on, as if nothing had been, after a handler of a signal has returned.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_RESTARTABLE_CALL_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_RESTARTABLE_CALL_HPP

#include <taskleak/detail/platform/linux/open_descriptors.hpp>
#include <taskleak/detail/platform/linux/parked_call.hpp>

#include <string_view>

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Whether the call is a wait that only another task can end: for a futex, without a time limit. futex(2).
inline bool is_endless_futex_wait(const parked_call& call) noexcept {
  if (call.number != SYS_futex || call.arguments[3] != 0) return false;
  const auto operation = static_cast<int>(call.arguments[1]) & FUTEX_CMD_MASK;
  return operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET || operation == FUTEX_LOCK_PI;
}

/// Whether a read from the descriptor begins anew after a handler. A device may do otherwise, and a socket with a limit does.
inline bool begins_anew(int descriptor) noexcept {
  char room[64];
  const std::string_view kind = target_of_descriptor(descriptor, room);
  if (kind.starts_with("socket:")) {
    timeval limit{};
    socklen_t size = sizeof limit;
    return getsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, &size) == 0 && limit.tv_sec == 0 && limit.tv_usec == 0;
  }
  for (const std::string_view known : {"pipe:", "anon_inode:[eventfd]", "anon_inode:[timerfd]", "anon_inode:[signalfd]"})
    if (kind.starts_with(known)) return true;
  return false;
}

/// Whether a handler with SA_RESTART changes nothing for the thread: signal(7), "Interruption of system calls and library
/// functions by signal handlers". A call that may have done a part of its work is not among them: a write, or a receive of a
/// number of bytes.
inline bool goes_on_after_signal(const parked_call& call) noexcept {
  const auto descriptor = static_cast<int>(call.arguments[0]);
  switch (call.number) {
    case SYS_futex: return is_endless_futex_wait(call);
    case SYS_read:
    case SYS_readv:
    case SYS_accept:
    case SYS_accept4: return begins_anew(descriptor);
    case SYS_recvfrom: return (call.arguments[3] & MSG_WAITALL) == 0 && begins_anew(descriptor);
    case SYS_recvmsg: return (call.arguments[2] & MSG_WAITALL) == 0 && begins_anew(descriptor);
    case SYS_wait4:
    case SYS_waitid:
    case SYS_flock: return true;
    default: return false;
  }
}

}  // namespace taskleak::inline v0::detail

#endif
