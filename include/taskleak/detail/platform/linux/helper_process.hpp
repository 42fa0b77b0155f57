// SPDX-License-Identifier: MIT
/// \file Makes children of this process that work for taskleak: nobody's wait(2) sees them, and they end with their parent.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_HELPER_PROCESS_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_HELPER_PROCESS_HPP

#include <taskleak/detail/platform/linux/default_action.hpp>
#include <taskleak/detail/platform/linux/system.hpp>

#include <cerrno>
#include <csignal>
#include <cstdint>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Lets the calling child end when the thread that has made it ends: see PR_SET_PDEATHSIG in prctl(2).
inline void end_with_parent(int parent) noexcept {
  syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (syscall(SYS_getppid) != parent) syscall(SYS_exit_group, 0);  // the parent has ended before
}

/// Kills the child and waits until it is gone; does neither where the process may not kill it.
inline void end_child(int child) noexcept {
  if (syscall(SYS_kill, child, SIGKILL) != 0) return;
  while (syscall(SYS_wait4, child, nullptr, __WALL, nullptr) < 0 && errno == EINTR) {
  }
}

/// Blocks all signals of the calling thread, by the system call itself.
class all_signals_blocked {
 public:
  all_signals_blocked() noexcept { syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all_, &before_, sizeof before_); }
  ~all_signals_blocked() { syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before_, nullptr, sizeof before_); }
  all_signals_blocked(const all_signals_blocked&) = delete;
  all_signals_blocked& operator=(const all_signals_blocked&) = delete;

 private:
  std::uint64_t all_ = ~std::uint64_t{0};
  std::uint64_t before_ = 0;
};

/// Is a child that does some work for this process, by system calls alone, until it is told to end.
///
/// It belongs to the process group and takes the group's signals as a program without handlers does. It holds no descriptor, so
/// that nobody waits in vain for the end of a pipe. It ends with the thread that has started it.
class helper_process {
 public:
  constexpr helper_process() noexcept = default;

  /// Returns false, with errno, where the system refuses a child. `work` does not return while the child is wanted.
  bool start(void (*work)(void*), void* argument, const char* name) noexcept {
    const int parent = id_of_this_process();
    const all_signals_blocked blocked;  // a handler of the program must not run in the child
    const long child = syscall(SYS_clone, 0L, nullptr, nullptr, nullptr, nullptr);
    if (child == 0) {
      end_with_parent(parent);
      become_helper(name);
      work(argument);
      syscall(SYS_exit_group, 0);
    }
    if (child > 0) id_ = static_cast<int>(child);
    return child > 0;
  }

  /// Ends the child, which leaves no trace. A process that has given up its user since, by setuid(2), may not be allowed to: the
  /// child then has to see for itself that nobody wants it, and nobody waits for it.
  void end() noexcept {
    if (id_ == 0) return;
    end_child(id_);
    id_ = 0;
  }

  /// Returns the child's process id; 0 when there is none.
  int id() const noexcept { return id_; }

 private:
  static void become_helper(const char* name) noexcept {
    syscall(SYS_prctl, PR_SET_NAME, name, 0, 0, 0);
    if (syscall(SYS_close_range, 0U, ~0U, 0U) != 0) {  // before Linux 5.9
      constexpr int most = 65536;
      for (int fd = 0; fd < most; ++fd) syscall(SYS_close, fd);
    }
    for (int number = 1; number <= 64; ++number) take_default_action(number);
    const std::uint64_t none = 0;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, sizeof none);
  }

  int id_ = 0;
};

}  // namespace taskleak::inline v0::detail

#endif
