// SPDX-License-Identifier: MIT
/// \file Defines what is asked about what tasks wait for, and the answer: plain data that two processes share.
#ifndef TASKLEAK_DETAIL_VERDICT_REACH_FACTS_HPP
#define TASKLEAK_DETAIL_VERDICT_REACH_FACTS_HPP

#include <taskleak/detail/platform/parked_call.hpp>
#include <taskleak/detail/platform/run_account.hpp>
#include <taskleak/detail/verdict/owner_facts.hpp>

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// Says by what way something was reached.
struct way_to_task {
  object_path path;  ///< from the frame's block, or from what a thread waits for, to a root
  int holder = 0;    ///< the thread on whose stack the path begins; 0 where none does
};

/// Holds one thread of the process as the kernel shows it, and what was found of it.
struct thread_to_reach {
  int tid = 0;
  bool is_caller = false;
  bool is_of_taskleak = false;  ///< of its own threads: what they reach is nobody else's
  bool waits = false;           ///< for a futex, and only another task can end it
  bool may_hold_more = false;   ///< in registers that nobody can read, see may_hold_more_in_registers()
  parked_call call;             ///< of all but the calling one
  std::uintptr_t sp = 0;
  std::uintptr_t object = 0;    ///< the futex
  std::uintptr_t owner_at = 0;  ///< where a lock has the kernel's id of the thread that holds it; 0: it has none
  bool is_mutex = false;
  bool is_held = false;                         ///< it ran, and sleeps in a signal handler now
  std::uintptr_t context = 0, context_end = 0;  ///< what the kernel has put on a stack for the handler, all registers included
  static constexpr unsigned most_registers = 11;
  std::uintptr_t registers[most_registers]{};  ///< those that outlive calls, where they had to be asked for
  int pool_slot = -1;                 ///< of libstdc++'s table of words to wait on, if `object` is in it, see waiter_pool_slot()
  std::uintptr_t pool_wait_ends = 0;  ///< where the frames end of which one has the atomic's address; 0: not known
  run_account ran;                    ///< before the look
  std::size_t first_frame = 0;        ///< the place of its innermost frame among the ends of frames
  std::size_t frames = 0;             ///< 0 where the stack is not known from end to end
  // ---- the answer
  std::size_t block_size = 0;  ///< of the block that `object` lies in; 0 for none
  std::uintptr_t block = 0;
  bool can_run = false;  ///< it runs, its wait ends by itself, or something that can run reaches what it waits for
  way_to_task way;
};

/// Holds one suspended coroutine, and what was found of it.
struct coroutine_to_reach {
  std::uintptr_t turned_frame = 0;  ///< with all bits turned, so that it is no pointer
  static constexpr std::uint32_t no_way = ~std::uint32_t{0};
  std::uint32_t way = no_way;  ///< the place among the ways where the coroutine's is to be put
  bool is_reached = false;
};

/// Says why no task is called orphaned.
enum class reach_doubt : unsigned char {
  none,
  no_copy,         ///< the process cannot be copied, which is said elsewhere
  not_read,        ///< the copy could not be looked through to the end
  kept_memory,     ///< the copy does not have all memory
  registers,       ///< of the thread `doubted`
  unknown_thread,  ///< the thread `doubted` has a stack that nobody knows
  kernel,          ///< an io_uring may hold pointers
};

struct reach_answer {
  reach_doubt doubt = reach_doubt::not_read;
  int doubted = 0;
};

}  // namespace taskleak::inline v0::detail

#endif
