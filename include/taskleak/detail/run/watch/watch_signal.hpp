// SPDX-License-Identifier: MIT
/// \file Sends the signal by which the helper asks the main thread for something, and finds what else handles signals.
#ifndef TASKLEAK_DETAIL_RUN_WATCH_WATCH_SIGNAL_HPP
#define TASKLEAK_DETAIL_RUN_WATCH_WATCH_SIGNAL_HPP

#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/unwind/park_signal.hpp>

#include <csignal>
#include <cstdint>

namespace taskleak::inline v0::detail {

using raw_signal_handler = void (*)(int, siginfo_t*, void*);

/// Stands in si_errno of the helper's signal: a program may queue one of the same number to itself.
inline constexpr int watch_signal_mark = 0x746C6B77;

/// Sends the signal, from another process.
inline void send_watch_signal(int process, int thread, int number) noexcept {
  siginfo_t info{};
  info.si_signo = number;
  info.si_code = SI_QUEUE;
  info.si_errno = watch_signal_mark;
  info.si_pid = id_of_this_process();
  syscall(SYS_rt_tgsigqueueinfo, process, thread, number, &info);
}

/// Returns what handles the signal, by the kernel: null for the default action, (raw_signal_handler)1 for none at all.
inline raw_signal_handler kernel_handler_of(int number) noexcept {
  kernel_sigaction now{};
  return syscall(SYS_rt_sigaction, number, nullptr, &now, sizeof now.mask) == 0 ? now.handler : nullptr;
}

/// Installs a handler by the system call itself: a sanitizer's sigaction() would put the handler off until the thread calls into
/// the sanitizer. While the handler runs no other signal comes. It does not run on an alternative stack, which would be too small
/// for a description of the threads.
inline bool install_kernel_handler(int number, raw_signal_handler handler) noexcept {
  const kernel_sigaction ours{handler, SA_SIGINFO | SA_RESTART | flag_of_restorer, park_signal_return, ~std::uint64_t{0}};
  return syscall(SYS_rt_sigaction, number, &ours, nullptr, sizeof ours.mask) == 0;
}

/// Takes a real-time signal that the program does not use, so far; returns its number, 0 where there is none.
inline int take_free_signal(raw_signal_handler handler) noexcept {
  for (int number = SIGRTMAX - 2; number > SIGRTMIN + 2; --number)
    if (!kernel_handler_of(number) && install_kernel_handler(number, handler)) return number;
  return 0;
}

/// Returns the handler that is there for crashes and for nothing else, null for none: it handles what no program goes on after,
/// as Catch2's does, doctest's, and those of glog, Abseil and folly. Boost.Test's leaves SIGFPE alone unless it is asked for
/// that.
inline raw_signal_handler crash_handler() noexcept {
  const raw_signal_handler handler = kernel_handler_of(SIGSEGV);
  const bool takes_other_crashes =
      handler == kernel_handler_of(SIGFPE) || (handler == kernel_handler_of(SIGBUS) && handler == kernel_handler_of(SIGABRT));
  return handler == kernel_handler_of(SIGILL) && takes_other_crashes ? handler : nullptr;
}

/// Whether a handler of this signal, whichever it is, can wake nobody: the kernel sends it to a thread that has done something
/// wrong, and that thread runs; or it is SIGCANCEL or SIGSETXID, which glibc uses inside. SIGTRAP and SIGSYS are not among them,
/// since programs send those.
inline bool wakes_nobody(int number) noexcept {
  constexpr int cancel = 32, setxid = 33;
  return number == SIGSEGV || number == SIGBUS || number == SIGILL || number == SIGFPE || number == SIGABRT || number == cancel ||
         number == setxid;
}

/// Whether a handler of crashes takes this signal as the end of the program, or, as Boost.Test's does SIGPOLL, of the test.
inline bool ends_program(int number) noexcept {
  return number == SIGINT || number == SIGTERM || number == SIGQUIT || number == SIGTRAP || number == SIGSYS || number == SIGPOLL;
}

/// Whether the program, or a library of it, handles a signal that somebody may send, so that a handler could wake a thread.
template <class IsOurs>
bool handles_signals_of_its_own(IsOurs&& is_ours) noexcept {
  const raw_signal_handler of_crashes = crash_handler();
  for (int number = 1; number <= SIGRTMAX; ++number) {
    if (wakes_nobody(number)) continue;
    const raw_signal_handler handler = kernel_handler_of(number);
    const auto value = reinterpret_cast<std::uintptr_t>(handler);
    constexpr std::uintptr_t ignored = 1;  // SIG_IGN
    if (value > ignored && !is_ours(handler) && !(handler == of_crashes && ends_program(number))) return true;
  }
  return false;
}

}  // namespace taskleak::inline v0::detail

#endif
