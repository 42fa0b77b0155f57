// SPDX-License-Identifier: MIT
/// \file Holds a running thread for the moment it takes to copy its registers and stack.
///
/// Only for threads that do not sit in a system call: for those the kernel tells all without a signal, and signals make some
/// calls return early (signal(7), "Interruption of system calls").
#ifndef TASKLEAK_DETAIL_UNWIND_PARK_SIGNAL_HPP
#define TASKLEAK_DETAIL_UNWIND_PARK_SIGNAL_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/platform/proc_file.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/unwind/arch/arch.hpp>
#include <taskleak/detail/unwind/hold_request.hpp>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <mutex>
#include <optional>

#include <sched.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Holds what passes between the thread that asks and the thread that is held: one for the process, for one request at a time.
///
/// A handler may come late, when nobody waits for it any more and the next request is under way, for another thread: so the
/// signal brings the number of its request with it, and the stage has the number of the one that is under way.
struct park_request {
  /// A request goes asked -> claimed (by the handler) -> held -> let_go -> gone, or asked -> abandoned (by the one who asked).
  enum stage : std::uint64_t { abandoned, asked, claimed, held, let_go, gone };

  std::uint64_t number = 0;    ///< of the last one, under one_request_at_a_time
  std::uint64_t progress = 0;  ///< the request's number times eight, plus its stage
  std::uintptr_t values[dwarf_register::count]{};

  static constexpr std::uint64_t at(std::uint64_t number, stage reached) noexcept { return number << 3 | reached; }
};

TASKLEAK_SHARED inline constinit park_request the_park_request;
TASKLEAK_SHARED inline constinit std::mutex one_request_at_a_time;

/// Stands in si_errno of a signal of ours: a program may queue one of the same number to itself.
inline constexpr int park_signal_mark = 0x746C6B70;

/// Has the layout that rt_sigaction(2) takes from user space, which libc's struct sigaction is not.
struct kernel_sigaction {
  void (*handler)(int, siginfo_t*, void*);
  unsigned long flags;
  void (*restorer)();
  std::uint64_t mask;
};

/// Lets a signal of the same number that is not ours do what it would have done without us: it was at its default when it was
/// taken, and ends the process when the handler returns and the signal is let through again.
TASKLEAK_UNINSTRUMENTED inline void hand_signal_on(int number, siginfo_t* info) noexcept {
  const kernel_sigaction by_default{};
  plain_syscall(SYS_rt_sigaction, number, reinterpret_cast<long>(&by_default), 0, sizeof by_default.mask);
  const long process = plain_syscall(SYS_getpid), thread = plain_syscall(SYS_gettid);
  // with what came with it; the kernel lets a process say anything to itself but to another thread of it
  if (plain_syscall(SYS_rt_tgsigqueueinfo, process, thread, number, reinterpret_cast<long>(info)) != 0)
    plain_syscall(SYS_tgkill, process, thread, number);
}

TASKLEAK_UNINSTRUMENTED [[gnu::noinline]] inline void park_signal_handler(int number, siginfo_t* info, void* context) {
  park_request* const request = &the_park_request;
  if (info->si_code != SI_QUEUE || info->si_ptr == nullptr ||
      (info->si_errno != park_signal_mark && info->si_errno != hold_signal_mark)) {
    hand_signal_on(number, info);
    return;
  }
  const auto asked_by = reinterpret_cast<std::uint64_t>(info->si_ptr);
  if (info->si_errno == hold_signal_mark) return stay_held(asked_by, context);
  if (!plain_exchange_if(&request->progress, park_request::at(asked_by, park_request::asked),
                         park_request::at(asked_by, park_request::claimed)))
    return;
  copy_registers(registers_in(context), request->values);
  const std::uint64_t held = park_request::at(asked_by, park_request::held);
  plain_store(&request->progress, held);
  while (plain_load(&request->progress) == held) plain_syscall(SYS_sched_yield);
  plain_store(&request->progress, park_request::at(asked_by, park_request::gone));
}

inline bool has_park_handler(int number) noexcept {
  kernel_sigaction now{};
  return syscall(SYS_rt_sigaction, number, nullptr, &now, sizeof now.mask) == 0 && now.handler == &park_signal_handler;
}

/// Returns the real-time signal that is ours, which the program does not use so far; 0 when there is none.
///
/// Installed through the system call itself: a sanitizer's sigaction would put the handler off until the thread calls it.
inline int park_signal() noexcept {
  static constinit light_atomic<int> chosen{0};
  // the program may have begun to use it meanwhile, with a handler of its own
  if (const int number = chosen.load_acquire(); number != 0 && has_park_handler(number)) return number;
  for (int number = SIGRTMAX - 2; number > SIGRTMIN + 2; --number) {
    kernel_sigaction before{};
    if (syscall(SYS_rt_sigaction, number, nullptr, &before, sizeof before.mask) != 0 || before.handler) continue;
    kernel_sigaction ours{&park_signal_handler, SA_SIGINFO | SA_RESTART | SA_ONSTACK | flag_of_restorer, park_signal_return,
                          ~std::uint64_t{0}};
    if (syscall(SYS_rt_sigaction, number, &ours, nullptr, sizeof ours.mask) != 0) continue;
    chosen.store_release(number);
    return number;
  }
  return 0;
}

/// Whether the thread would take the signal: one that blocks it may be waiting for it with sigwait(3), and must not get ours.
inline bool takes_signal(int tid, int number) noexcept {
  const thread_file file(tid, "status");
  const char* const at = file.text().empty() ? nullptr : std::strstr(file.c_str(), "\nSigBlk:");  // proc_pid_status(5)
  return at && (std::strtoull(at + 8, nullptr, 16) >> (number - 1) & 1) == 0;
}

inline bool send_park_signal(int tid, int number, std::uint64_t request, int mark = park_signal_mark) noexcept {
  siginfo_t info{};
  info.si_signo = number;
  info.si_code = SI_QUEUE;
  info.si_errno = mark;
  info.si_pid = current_pid();
  info.si_uid = getuid();
  info.si_ptr = reinterpret_cast<void*>(request);
  return syscall(SYS_rt_tgsigqueueinfo, current_pid(), tid, number, &info) == 0;
}

struct held_thread {
  registers frame;
  stack_copy stack;
};

/// Holds the thread, copies its registers and up to 256 KiB of its stack, and lets it go.
/// Empty when the thread blocks the signal or does not get to run within 200 ms.
inline std::optional<held_thread> copy_running_thread(int tid) {
  const int number = park_signal();
  if (number == 0 || !takes_signal(tid, number)) return std::nullopt;
  stack_copy::buffer room(256 * 1024);

  const std::lock_guard lock(one_request_at_a_time);
  park_request& request = the_park_request;
  const std::uint64_t mine = ++request.number;
  const auto reached = [&](park_request::stage s) { return plain_load(&request.progress) == park_request::at(mine, s); };
  plain_store(&request.progress, park_request::at(mine, park_request::asked));
  const auto abandon = [&] {
    return plain_exchange_if(&request.progress, park_request::at(mine, park_request::asked),
                             park_request::at(mine, park_request::abandoned));
  };
  if (!send_park_signal(tid, number, mine)) {
    abandon();
    return std::nullopt;
  }
  const std::int64_t deadline = now_ns() + 200'000'000;
  while (reached(park_request::asked) && now_ns() < deadline) sched_yield();
  if (abandon()) return std::nullopt;
  while (!reached(park_request::held)) sched_yield();
  registers frame;
  for (unsigned i = 0; i < dwarf_register::count; ++i) frame.set(i, request.values[i]);
  std::fill(std::begin(request.values), std::end(request.values), 0);  // it would seem that the program points to what they do
  stack_copy stack(frame[dwarf_register::stack_pointer], static_cast<stack_copy::buffer&&>(room));
  plain_store(&request.progress, park_request::at(mine, park_request::let_go));
  while (!reached(park_request::gone)) sched_yield();
  return held_thread{frame, static_cast<stack_copy&&>(stack)};
}

}  // namespace taskleak::inline v0::detail

#endif
