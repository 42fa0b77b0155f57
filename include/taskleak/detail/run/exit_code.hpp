// SPDX-License-Identifier: MIT
/// \file Keeps the exit code of a failed run through the end of the process.
#ifndef TASKLEAK_DETAIL_RUN_EXIT_CODE_HPP
#define TASKLEAK_DETAIL_RUN_EXIT_CODE_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/platform/signal_hand_on.hpp>
#include <taskleak/detail/platform/without_cancellation.hpp>
#include <taskleak/detail/probe/thread/thread_life.hpp>

#include <csignal>

#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Holds the exit code of a run that has failed and left live tasks; 0 before.
TASKLEAK_SHARED inline constinit light_atomic<int> exit_code_to_keep{0};

/// Ends the process with the kept exit code, also in a signal handler. A leaked thread may touch objects that static destructors
/// have destroyed, and a leaked std::thread in a static object ends in std::terminate: the report has been made, and the exit
/// code that says so must not become that of a crash.
[[noreturn]] inline void end_with_kept_exit_code() noexcept {
  static constexpr char text[] =
      "taskleak: the program crashed while it ended with leaked threads alive; its exit code is kept\n";
  [[maybe_unused]] const ssize_t wrote = write(STDERR_FILENO, text, sizeof text - 1);
  _exit(exit_code_to_keep.load_relaxed());
}

/// Ends the program with the kept exit code after a fault of its own. A signal that somebody has sent has the same effect as
/// without taskleak, and so has every signal in a child, which is another program with the parent's memory.
extern "C" inline void taskleak_on_crash(int number, siginfo_t* info, void* context) {
  const errno_keeper keep_errno;
  const without_cancellation whole;
  const signal_facts came(number, info, context);
  const bool is_fault = came.has_info && came.info.si_code > 0;  // the kernel's own codes: sigaction(2), "The siginfo_t argument"
  if (is_fault && !in_child_process()) end_with_kept_exit_code();
  hand_on_to_default(number, came);
}

/// Makes every crash from here on end the process with this code. Handlers that the program or a sanitizer has are left alone.
/// abort() has a handler already, see death.hpp.
inline void keep_exit_code_through_crashes(int code) noexcept {
  exit_code_to_keep.store_release(code);
  for (const int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE}) take_signal(number, &taskleak_on_crash, SA_ONSTACK);
}

}  // namespace taskleak::inline v0::detail

#endif
