// SPDX-License-Identifier: MIT
/// \file Makes the exit code say that something was left, in a program whose framework does not know of it.
#ifndef TASKLEAK_DETAIL_RUN_FAIL_AT_EXIT_HPP
#define TASKLEAK_DETAIL_RUN_FAIL_AT_EXIT_HPP

#include <taskleak/detail/platform/child_process.hpp>

#include <cstdio>
#include <cstdlib>

namespace taskleak::inline v0::detail {

/// Makes an exit code of 0 a 1 when the program ends. For guards in a program whose framework does not know of the failure.
///
/// glibc lets a handler of on_exit(3) call exit() again: the other handlers run on, with the new code (stdlib/exit.c). A child of
/// fork(2) has the handler as well, and has not failed. The standard has no way to change an exit code but to end at once: there
/// what was registered before this is not run any more, and another code than 0 becomes a 1 as well.
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
