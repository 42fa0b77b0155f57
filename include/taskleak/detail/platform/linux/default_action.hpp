// SPDX-License-Identifier: MIT
/// \file Gives a signal its default action.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_DEFAULT_ACTION_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_DEFAULT_ACTION_HPP

#include <csignal>
#include <cstdint>

#include <sys/syscall.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Gives the signal its default action, by rt_sigaction(2) itself: a sanitizer's sigaction() would not pass that on at once.
inline void take_default_action(int number) noexcept {
  struct {  // SIG_DFL, no flags, no mask
    void (*handler)(int) = SIG_DFL;
    unsigned long flags = 0;
    void (*restorer)() = nullptr;
    std::uint64_t mask = 0;
  } const action;
  syscall(SYS_rt_sigaction, number, &action, nullptr, sizeof action.mask);
}

}  // namespace taskleak::inline v0::detail

#endif
