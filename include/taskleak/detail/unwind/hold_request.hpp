// SPDX-License-Identifier: MIT
/// \file Keeps several threads in a signal handler at once, until they are all let go.
///
/// The threads sleep there. When each of them spins, or is held one after the other, a search takes eight times as long.
#ifndef TASKLEAK_DETAIL_UNWIND_HOLD_REQUEST_HPP
#define TASKLEAK_DETAIL_UNWIND_HOLD_REQUEST_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/unwind/arch/arch.hpp>

#include <cstddef>
#include <cstdint>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <ucontext.h>

namespace taskleak::inline v0::detail {

/// Says where a held thread has its registers.
struct held_place {
  std::uint64_t request_and_tid = 0;  ///< the request's number times 2^32, plus the thread's id; written last
  std::uintptr_t context = 0;         ///< begins what the kernel has put on the stack for the handler: all registers
  std::uintptr_t context_end = 0;
  std::uintptr_t sp = 0;  ///< where the handler has interrupted the thread
};

/// Holds what passes between the thread that asks and those that are held: one for the process, for one request at a time.
///
/// A handler may come late, when its request is over. So the signal brings the number of its request with it, and a handler stays
/// only while this is the number of the request that is open.
struct hold_request {
  static constexpr std::size_t most = 512;

  std::uint64_t number = 0;  ///< of the last one
  std::uint64_t open = 0;    ///< the number of the open request; 0: there is none. Handlers wait for its lower half to change
  std::uint64_t claims = 0;  ///< the open request's number times 2^32, plus how many of the places are taken
  held_place places[most]{};
};

TASKLEAK_SHARED inline constinit hold_request the_hold_request;

/// Stands in si_errno of a signal that holds, see park_signal_mark.
inline constexpr int hold_signal_mark = 0x746C6B68;

/// Keeps the calling thread in its signal handler for as long as the request is open.
TASKLEAK_UNINSTRUMENTED inline void stay_held(std::uint64_t number, void* context) noexcept {
  hold_request* const request = &the_hold_request;
  std::uint64_t taken;
  do {
    taken = plain_load(&request->claims);
    if (taken >> 32 != number || (taken & 0xffffffff) >= hold_request::most) return;
  } while (!plain_exchange_if(&request->claims, taken, taken + 1));
  held_place* const place = &request->places[taken & 0xffffffff];
  const stack_t& own = static_cast<const ucontext_t*>(context)->uc_stack;  // sigaltstack(2)
  const auto at = reinterpret_cast<std::uintptr_t>(context);
  const auto own_from = reinterpret_cast<std::uintptr_t>(own.ss_sp);
  place->sp = interrupted_stack_pointer(context);
  place->context = at;
  place->context_end = at - own_from < own.ss_size ? own_from + own.ss_size : place->sp;
  plain_store(&place->request_and_tid, number << 32 | static_cast<std::uint64_t>(plain_syscall(SYS_gettid)));
  while (plain_load(&request->open) == number)
    plain_syscall(SYS_futex, reinterpret_cast<long>(&request->open), FUTEX_WAIT_PRIVATE, static_cast<long>(number));
}

}  // namespace taskleak::inline v0::detail

#endif
