// SPDX-License-Identifier: MIT
/// \file Describes the threads of a process that is about to end by std::terminate or SIGABRT.
#ifndef TASKLEAK_DETAIL_RUN_LAST_WORDS_HPP
#define TASKLEAK_DETAIL_RUN_LAST_WORDS_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/base/separator.hpp>
#include <taskleak/detail/inspect/inspect.hpp>
#include <taskleak/detail/platform/end_in_time.hpp>
#include <taskleak/detail/probe/thread/live_thread.hpp>
#include <taskleak/detail/report/text/to_text.hpp>
#include <taskleak/detail/run/call_to_abort.hpp>
#include <taskleak/detail/run/scopes.hpp>
#include <taskleak/detail/run/signal_safe_list.hpp>
#include <taskleak/detail/run/terminated.hpp>
#include <taskleak/detail/unwind/signal_stack.hpp>

#include <fmt/core.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include <time.h>

namespace taskleak::inline v0::detail {

/// Says how the process ends, which decides what threads are described.
enum class ending : unsigned char {
  terminate,  ///< std::terminate: its thread, then the threads that were never joined, of which one may be the cause
  own_abort,  ///< a thread other than the main one aborts: this thread, since an assertion does not say on which thread it failed
  sent,       ///< somebody has sent SIGABRT, as timeout(1) does to a program that hangs: all threads
};

/// Lets one thread speak for the process, once; the other threads wait until it has spoken.
class last_word {
 public:
  constexpr last_word() noexcept = default;

  /// Takes the word; returns false when another thread, or this one, has taken it already.
  bool take() noexcept {
    int nobody = 0;
    return speaker_.compare_exchange(nobody, current_tid());
  }
  /// Whether this thread has the word and has not finished, so that a signal has come meanwhile.
  bool is_interrupted() const noexcept { return speaker_.load_acquire() == current_tid() && !finished_.load_acquire(); }
  void finish() noexcept { finished_.store_release(true); }
  /// Whether some thread is about to end the process.
  bool is_taken() const noexcept { return speaker_.load_acquire() != 0; }

  /// Waits until the speaker has finished, for no longer than it may take.
  void wait_for_other() const noexcept {
    const timespec pause{0, 10'000'000};
    for (int tries = 0; tries < 700 && !finished_.load_acquire() && speaker_.load_acquire() != current_tid(); ++tries)
      syscall(SYS_nanosleep, &pause, nullptr);
  }

 private:
  light_atomic<int> speaker_{0};
  light_atomic<bool> finished_{false};
};

/// Holds what a full description needs, and the short list in a signal handler, if the description does not come to its end.
struct last_words {
  last_word word;
  ending end = ending::terminate;
  call_to_abort call;       ///< what the signal is about, if there is one
  int sender = 0;           ///< the process that has sent the signal
  registers frame;          ///< the registers of the thread that ends the process
  parked_call interrupted;  ///< the system call that the signal has interrupted, if any
  signal_safe_stack stack;
};

inline constinit last_words the_last_words;

/// Limits how long a dying process may be kept, in seconds.
inline constexpr int longest_last_words_s = 5;
/// Is the stack that a description needs, in bytes: it calls libraries with deep stacks of their own.
inline constexpr std::size_t stack_of_last_words = std::size_t{192} * 1024;

inline bool is_joinable(const thread_record& r) noexcept { return (r.events.load_acquire() & thread_event::released) == 0; }
inline bool has_not_ended(const thread_record& r) noexcept { return (r.events.load_acquire() & thread_event::finished) == 0; }

/// Describes the calling thread, with the stack from `words.frame` on.
inline straggler describe_self(const last_words& words) {
  straggler s;
  s.kind = task_kind::thread;
  const int tid = current_tid();
  s.id = static_cast<std::uint64_t>(tid);
  s.name = tid == current_pid() ? name_of_main_thread : kernel_thread_name(tid);
  thread_look look;
  look.call = words.interrupted;
  if (look.call.what != parked_call::kind::blocked) look.call.what = parked_call::kind::running;
  stack_copy stack(words.frame[dwarf_register::stack_pointer]);
  look.stack = walk_from_registers(stack, words.frame);
  s.stack = symbolize(look.stack, my_transfers);
  classify(look, s);
  mark_plumbing(s.stack);
  if (!this_task.node) return s;  // the main thread, or one that nobody announced
  live_thread t;
  copy_record(*static_cast<const thread_record*>(this_task.node), t);
  describe_creation(t, s);
  return s;
}

/// Describes a thread of which there was a record, also if the thread ends meanwhile.
inline straggler describe_surely(live_thread t, coroutine_inspector& coroutines) {
  for (int tries = 0; tries < 3; ++tries) {
    if (auto s = inspect(t, coroutines)) return std::move(*s);
    if (!copy_again(t)) break;
  }
  if (!t.finished) t.finished_at_ns = now_ns();
  t.finished = true;
  return std::move(*inspect(t, coroutines));
}

/// Returns the blocks of all threads but the calling one, as many as there is time for; with the main thread, which has no
/// record, if `with_main` is true.
template <class Wanted>
std::string other_threads_in_words(bool with_main, Wanted&& wanted) {
  constexpr std::int64_t longest_ns = 2'500'000'000;
  const std::int64_t deadline = now_ns() + longest_ns;
  const await_graph no_coroutines;
  coroutine_inspector coroutines(no_coroutines);
  const auto* const self = this_task.node;
  const light_vector<live_thread> threads =
      copy_threads_younger_than(0, [&](const thread_record& r) { return &r != self && wanted(r); });
  report described;
  std::optional<straggler> main = with_main ? inspect_main_thread(coroutines) : std::nullopt;
  const std::size_t count = threads.size() + (main ? 1 : 0);
  if (main) described.stragglers.push_back(std::move(*main));
  for (const live_thread& t : threads) {
    if (now_ns() > deadline) break;
    described.stragglers.push_back(describe_surely(t, coroutines));
  }
  std::string text = blocks_text(described, shown_limits());
  const std::size_t shown = described.stragglers.size();
  if (shown < count) text += fmt::format("{}and {} more\n", separator_line, count - shown);
  return text;
}

inline std::string abort_in_words(call_to_abort::kind how, const std::string& who) {
  switch (how) {
    case call_to_abort::kind::assertion: return "an assertion failed on " + who;
    case call_to_abort::kind::abort: return "abort was called on " + who;
    default: return "SIGABRT was raised on " + who;
  }
}

inline std::string sender_in_words(const last_words& words) {
  if (words.sender == current_pid()) return "a thread of this process has sent SIGABRT";
  return words.sender == 0 ? "SIGABRT came" : fmt::format("SIGABRT came from process {}", words.sender);
}

/// Returns the whole text. Must not be called in a signal handler that has interrupted anything.
inline std::string in_words(const last_words& words) {
  const reading_scopes reading;
  const straggler self = describe_self(words);
  const std::string who = in_words(awaited_thread(wait_relation::owner, current_tid()));
  std::string text = "taskleak: ";
  switch (words.end) {
    case ending::terminate: append_on_one_line(text, terminate_in_words(terminate_cause_of(self.stack), who)); break;
    case ending::own_abort: append_on_one_line(text, abort_in_words(words.call.how, who)); break;
    case ending::sent: text += sender_in_words(words) + "; the threads of the program:"; break;
  }
  text.append("\n").append(separator_line);
  report own;
  own.stragglers.push_back(self);
  text += blocks_text(own, shown_limits());
  if (words.end == ending::own_abort) return text;
  const std::string others =
      words.end == ending::sent ? other_threads_in_words(true, has_not_ended) : other_threads_in_words(false, is_joinable);
  if (others.empty()) return text;
  text += separator_line;
  if (words.end != ending::sent) text.append("taskleak: std::terminate while threads are not joined:\n").append(separator_line);
  return text + others;
}

/// Writes a short list, in any state of the process.
inline void write_last_words_signal_safely(const last_words& words) noexcept {
  signal_safe_list& list = the_signal_safe_list;
  switch (words.end) {
    case ending::terminate: list.out().text("taskleak: std::terminate was called:\n"); break;
    case ending::own_abort: list.out().text("taskleak: abort on a thread:\n"); break;
    case ending::sent: list.out().text("taskleak: SIGABRT came; the threads of the program:\n"); break;
  }
  list.out().text(separator_line);
  list.write_own(words.stack);
  if (words.end != ending::own_abort) list.write_others(words.end == ending::sent);
  list.out().flush();
}

/// Writes the whole text within the time limit; when the time is over, the signal of end_in_time writes the short list instead.
inline void speak_in_words(last_words& words, std::FILE* to_flush) {
  const end_in_time limit(longest_last_words_s);
  if (to_flush) std::fflush(to_flush);
  const std::string text = in_words(words);
  signal_safe_writer out;
  out.text(text.data(), text.size());
  out.flush();
  words.word.finish();
}

}  // namespace taskleak::inline v0::detail

#endif
