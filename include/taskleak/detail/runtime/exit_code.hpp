// SPDX-License-Identifier: MIT
/// \file Keeps the exit code of a failed run through the end of the process.
#ifndef TASKLEAK_DETAIL_RUNTIME_EXIT_CODE_HPP
#define TASKLEAK_DETAIL_RUNTIME_EXIT_CODE_HPP

#include <taskleak/detail/config.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <unistd.h>

namespace taskleak::inline v0::detail {

TASKLEAK_SHARED inline constinit int exit_code_to_keep = 0;

/// A leaked thread may touch what static destructors have destroyed, and a leaked std::thread in a static object ends in
/// std::terminate: the report has been made, and the code that says so must not become that of a crash.
extern "C" inline void taskleak_keep_exit_code(int number) {
  static constexpr char text[] =
      "taskleak: the program crashed while it ended with leaked threads alive; its exit code is kept\n";
  if (write(STDERR_FILENO, text, sizeof text - 1) < 0) number = 0;
  (void)number;
  _exit(exit_code_to_keep);
}

/// From here on a crash ends the process with this code. Handlers that the program or a sanitizer has are left alone.
inline void keep_exit_code_through_crashes(int code) noexcept {
  exit_code_to_keep = code;
  for (const int number : {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE}) {
    struct sigaction before {};
    if (sigaction(number, nullptr, &before) != 0) continue;
    if ((before.sa_flags & SA_SIGINFO) || (before.sa_handler != SIG_DFL)) continue;
    struct sigaction ours {};
    ours.sa_handler = &taskleak_keep_exit_code;
    ours.sa_flags = SA_ONSTACK;
    sigaction(number, &ours, nullptr);
  }
}

/// Makes an exit code of 0 a 1 when the program ends. For guards in a program whose framework does not know of the failure.
///
/// glibc lets a handler of on_exit(3) call exit() again: the other handlers run on, with the new code (stdlib/exit.c).
inline void fail_at_exit() noexcept {
  on_exit(
      [](int code, void*) {
        if (code == 0) std::exit(1);
      },
      nullptr);
}

}  // namespace taskleak::inline v0::detail

#endif
