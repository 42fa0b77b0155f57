// SPDX-License-Identifier: MIT
/// \file Remembers why it could not be told who owns a thread, until a report has said so, once in a process.
#ifndef TASKLEAK_DETAIL_VERDICT_OWNER_DOUBT_HPP
#define TASKLEAK_DETAIL_VERDICT_OWNER_DOUBT_HPP

#include <taskleak/detail/base/light_atomic.hpp>

#include <cerrno>

namespace taskleak::inline v0::detail {

class owner_doubt {
 public:
  constexpr owner_doubt() noexcept = default;

  /// Takes a text that lives for ever.
  void note(const char* why) noexcept { why_.store_relaxed(why); }

  /// Returns the reason to the first caller after it was noted; null otherwise.
  const char* take() noexcept {
    const char* const why = why_.load_relaxed();
    return why && !is_told_.exchange(true) ? why : nullptr;
  }

 private:
  light_atomic<const char*> why_{nullptr};
  light_atomic<bool> is_told_{false};
};

inline constinit owner_doubt doubt_about_owners;

/// Returns why clone(2) has refused to copy the process, by its errno; 0 says that a debugger was seen before.
inline const char* why_there_is_no_copy(int error) noexcept {
  switch (error) {
    case 0: return "who owns a thread is not known: a debugger traces the process, which cannot be copied";
    case EAGAIN:
      return "who owns a thread is not known: at the limit of processes (RLIMIT_NPROC, pids.max) the process cannot be copied";
    case ENOMEM: return "who owns a thread is not known: there is too little memory to copy the process";
    default: return "who owns a thread is not known: a filter of system calls forbids clone(2), and the process cannot be copied";
  }
}

}  // namespace taskleak::inline v0::detail

#endif
