// SPDX-License-Identifier: MIT
/// \file Describes all threads when a signal comes that somebody sends to a program that hangs, and lets the signal do what it
/// would have done.
#ifndef TASKLEAK_DETAIL_RUN_WATCH_DUMP_SIGNALS_HPP
#define TASKLEAK_DETAIL_RUN_WATCH_DUMP_SIGNALS_HPP

#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/base/separator.hpp>
#include <taskleak/detail/platform/child_process.hpp>
#include <taskleak/detail/platform/signal_hand_on.hpp>
#include <taskleak/detail/platform/without_cancellation.hpp>
#include <taskleak/detail/report/limits.hpp>
#include <taskleak/detail/report/text/to_text.hpp>
#include <taskleak/detail/run/signal_names.hpp>
#include <taskleak/detail/run/signal_safe_list.hpp>
#include <taskleak/detail/run/stack_room.hpp>
#include <taskleak/detail/run/watch/hang_text.hpp>
#include <taskleak/detail/run/watch/last_dump.hpp>
#include <taskleak/detail/run/watch/watch.hpp>
#include <taskleak/detail/run/watch/watch_signal.hpp>
#include <taskleak/detail/unwind/interrupted_thread.hpp>

#include <csignal>
#include <cstdint>
#include <string>

namespace taskleak::inline v0::detail {

/// Says which signal came, and from where.
struct came_signal {
  int number = 0;
  int sender = 0;  ///< 0 where that is not known, and for the kernel, as at the key combination of SIGQUIT

  void write(signal_safe_writer& out) const noexcept {
    out.text("SIG").text(name_of_signal(number)).text(" came");
    if (sender != 0) out.text(" from process ").number(static_cast<std::uint64_t>(sender));
    out.text("; the threads of the program:");
  }
};

/// Is the signal after which the program goes on, by dump_on_signal; 0 for none.
inline constinit light_atomic<int> signal_to_go_on_after{0};
/// Lets one dump be made at a time: a second signal adds nothing to the first one.
inline constinit light_atomic<bool> a_dump_is_made{false};

/// Writes every task, on a frozen copy.
inline int tell_of_signal(const void* given) {
  signal_safe_writer out;
  out.text("taskleak: ");
  static_cast<const came_signal*>(given)->write(out);
  std::string text(1, '\n');
  text += separator_line;
  append_blocks(text, every_task(), shown_limits());
  out.text(text.data(), text.size());
  out.flush();
  return 0;
}

[[gnu::noinline]] inline void dump_for(const came_signal& came, const interrupted_thread& at) noexcept {
  constexpr std::int64_t longest_ns = 2'000'000'000;
  constexpr std::int64_t longest_try_ns = 1'000'000'000;
  if (!do_on_copy({&tell_of_signal, &came, &at}, longest_ns, now_ns() + longest_try_ns))
    write_short_dump([&](signal_safe_writer& out) { came.write(out); }, at);
}

/// Describes all threads, then ends the program as the signal would have, or goes on.
inline void dump_signal_handler(int number, siginfo_t* info, void* context) {
  const errno_keeper keep_errno;
  const without_cancellation whole;
  const signal_facts facts(number, info, context);
  const bool goes_on = number == signal_to_go_on_after.load_acquire();
  const bool is_ours = facts.has_registers && !in_child_process();
  if (is_ours && has_stack_for_list()) {
    if (a_dump_is_made.exchange(true)) return;
    interrupted_thread at(facts.registers);
    at.parked_ns = the_watch.still_ns();
    dump_for({number, facts.info.si_code > 0 ? 0 : facts.info.si_pid}, at);
    a_dump_is_made.store(false);
  }
  if (!goes_on || !is_ours) return hand_on_to_default(number, facts);
  call_again(registers_in(context));
}

/// Takes SIGTERM and SIGQUIT, and the signal of dump_on_signal, where nothing handles or ignores them. Returns false where that
/// signal has a handler, or is ignored.
inline bool take_dump_signals(int dump_on_signal) noexcept {
  signal_to_go_on_after.store_release(dump_on_signal);
  bool all = true;
  for (const int number : {SIGTERM, SIGQUIT, dump_on_signal}) {
    if (number == 0) continue;
    const raw_signal_handler before = kernel_handler_of(number);
    if (!before)
      install_kernel_handler(number, &dump_signal_handler);
    else if (number == dump_on_signal && before != &dump_signal_handler)
      all = false;
  }
  return all;
}

}  // namespace taskleak::inline v0::detail

#endif
