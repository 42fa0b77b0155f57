// SPDX-License-Identifier: MIT
/// \file Gives a signal that taskleak has taken to what it would have done without taskleak.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_SIGNAL_HAND_ON_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_SIGNAL_HAND_ON_HPP

#include <taskleak/detail/platform/linux/default_action.hpp>
#include <taskleak/detail/platform/linux/foreign_memory.hpp>
#include <taskleak/detail/platform/linux/signal_registers.hpp>
#include <taskleak/detail/platform/linux/system.hpp>

#include <cerrno>
#include <csignal>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// Keeps errno through a signal handler.
class errno_keeper {
 public:
  errno_keeper() noexcept = default;
  ~errno_keeper() { errno = kept_; }
  errno_keeper(const errno_keeper&) = delete;
  errno_keeper& operator=(const errno_keeper&) = delete;

 private:
  int kept_ = errno;
};

/// Holds what came with a signal.
///
/// A copy through the kernel: a handler that came after ours and passes the signal on may call ours as a plain function of one
/// argument, and then the two others are anything.
struct signal_facts {
  bool has_info = false;
  bool has_registers = false;
  siginfo_t info{};
  signal_registers registers{};

  signal_facts(int number, const siginfo_t* given, const void* context) noexcept {
    has_info = copy_value(reinterpret_cast<std::uintptr_t>(given), info) && info.si_signo == number;
    const auto at = reinterpret_cast<std::uintptr_t>(context) + place_of_signal_registers;
    has_registers = has_info && copy_value(at, registers);
  }
};

/// Makes the default action of the signal happen to the process, as if nobody had handled the signal. For a signal handler, also
/// for one that runs in a child of vfork(2): writes no memory.
///
/// Only signals whose action is the default one are taken, so the default is what is owed. Returning from the handler would do
/// for a fault, which happens again; a signal that was sent has to be sent again. The kernel delivers it once the handler has
/// returned, so a core file has the interrupted stack, and with its siginfo the true sender.
inline void hand_on_to_default(int number, const signal_facts& came) noexcept {
  take_default_action(number);
  if (came.has_info && syscall(SYS_rt_tgsigqueueinfo, current_pid(), current_tid(), number, &came.info) == 0) return;
  syscall(SYS_tgkill, current_pid(), current_tid(), number);
}

/// Installs a handler where the signal's action is the default one; false where it is not: those of the program, and of a
/// sanitizer, are left alone.
inline bool take_signal(int number, void (*handler)(int, siginfo_t*, void*), int flags) noexcept {
  struct sigaction before {};
  if (sigaction(number, nullptr, &before) != 0) return false;
  if ((before.sa_flags & SA_SIGINFO) || before.sa_handler != SIG_DFL) return false;
  struct sigaction ours {};
  ours.sa_sigaction = handler;
  ours.sa_flags = SA_SIGINFO | SA_RESTART | flags;
  return sigaction(number, &ours, nullptr) == 0;
}

}  // namespace taskleak::inline v0::detail

#endif
