// SPDX-License-Identifier: MIT
/// \file Names the signals that a program may be sent to describe its threads.
#ifndef TASKLEAK_DETAIL_RUN_SIGNAL_NAMES_HPP
#define TASKLEAK_DETAIL_RUN_SIGNAL_NAMES_HPP

#include <csignal>
#include <string_view>

namespace taskleak::inline v0::detail {

struct named_signal {
  const char* name;
  int number;
};

/// Not all systems have all of them.
inline constexpr named_signal named_signals[] = {
#if defined(SIGUSR1)
    {"USR1", SIGUSR1}, {"USR2", SIGUSR2}, {"HUP", SIGHUP}, {"QUIT", SIGQUIT}, {"WINCH", SIGWINCH},
#endif
    {"INT", SIGINT},   {"TERM", SIGTERM},
};

/// Returns the number of `USR1` or `SIGUSR1`; 0 for any other name.
inline int signal_named(std::string_view name) noexcept {
  if (name.starts_with("SIG")) name.remove_prefix(3);
  for (const named_signal& known : named_signals)
    if (name == known.name) return known.number;
  return 0;
}

/// Returns `USR1`, without the `SIG`.
inline const char* name_of_signal(int number) noexcept {
  for (const named_signal& known : named_signals)
    if (number == known.number) return known.name;
  return "NAL";
}

}  // namespace taskleak::inline v0::detail

#endif
