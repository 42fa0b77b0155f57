// SPDX-License-Identifier: MIT
/// \file The end of a process by exit(), which is all that the standard knows of.
#ifndef TASKLEAK_DETAIL_RUN_PORTABLE_ENDS_OF_PROCESS_HPP
#define TASKLEAK_DETAIL_RUN_PORTABLE_ENDS_OF_PROCESS_HPP

#include <taskleak/detail/platform/child_process.hpp>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace taskleak::inline v0::detail {

/// What ends by std::terminate or a signal ends without a word of ours.
inline void tell_of_threads_on_death() noexcept {}
inline void take_abort_signal() noexcept {}

/// A crash of what was left behind is the program's exit code.
inline void keep_exit_code_through_crashes(int) noexcept {}

/// Makes an exit code of 0 a 1 when the program ends. For guards in a program whose framework does not know of the failure.
///
/// The standard has no way to change an exit code but to end at once: what was registered before this is not run any more, and
/// another code than 0 becomes a 1 as well. glibc's on_exit(3) has.
inline void fail_at_exit() noexcept {
#if defined(__GLIBC__)
  on_exit(
      [](int code, void*) {
        if (code == 0 && !in_child_process()) std::exit(1);
      },
      nullptr);
#else
  std::atexit([] {
    if (in_child_process()) return;
    std::fflush(nullptr);
    std::_Exit(1);
  });
#endif
}

}  // namespace taskleak::inline v0::detail

#endif
