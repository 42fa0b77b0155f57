// SPDX-License-Identifier: MIT
/// \file Says in a signal handler what all threads do: at length on a frozen copy of the process, or else in a short list.
#ifndef TASKLEAK_DETAIL_RUN_WATCH_LAST_DUMP_HPP
#define TASKLEAK_DETAIL_RUN_WATCH_LAST_DUMP_HPP

#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/base/separator.hpp>
#include <taskleak/detail/platform/frozen_copy.hpp>
#include <taskleak/detail/platform/pages.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/run/last_words.hpp>
#include <taskleak/detail/run/signal_safe_list.hpp>
#include <taskleak/detail/unwind/interrupted_thread.hpp>

#include <cstddef>
#include <cstdint>

#include <ucontext.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Is what a frozen copy has to do, in a handler that may have interrupted anything.
struct copied_work {
  int (*work)(const void* facts);
  const void* facts;
  const interrupted_thread* at;
};

/// Returns what the work has to say, from a stack of its own: the interrupted thread may be on that of a fiber, or have come to
/// the end of its own.
inline int do_on_new_stack(const copied_work& wanted) noexcept {
  constexpr std::size_t bytes = std::size_t{8} * 1024 * 1024;
  static constinit const copied_work* job = nullptr;
  void* const stack = take_pages(bytes);
  ucontext_t context;
  if (!stack || getcontext(&context) != 0) return 1;
  job = &wanted;
  context.uc_stack.ss_sp = stack;
  context.uc_stack.ss_size = bytes;
  context.uc_link = nullptr;
  makecontext(
      &context, [] { syscall(SYS_exit_group, job->work(job->facts)); }, 0);
  return setcontext(&context);  // does not return, unless it fails
}

/// Begins the work in the frozen copy.
inline int begin_copied_work(const copied_work& wanted) noexcept {
  the_interrupted_thread = wanted.at;
  return the_signal_safe_list.has_stack(stack_of_last_words) ? wanted.work(wanted.facts) : do_on_new_stack(wanted);
}

/// Does the work on a frozen copy, where the interrupted thread is looked at as any other. Returns false when the copy did not
/// come to its end in time: another thread, or this one, held a lock that the work needs when the copy was made. Then another
/// copy, made a moment later, may do, if that is before `last_try_ns`.
inline bool do_on_copy(const copied_work& wanted, std::int64_t longest_ns, std::int64_t last_try_ns = 0) noexcept {
  copied_work job = wanted;
  constexpr int most_deaths = 3;
  for (int deaths = 0; deaths < most_deaths;) {
    const copy_outcome outcome =
        on_frozen_copy([](void* given) { return begin_copied_work(*static_cast<const copied_work*>(given)); }, &job, longest_ns);
    if (outcome.is_done() && outcome.status == 0) return true;
    // what took too long takes as long again
    if (outcome.how == copy_outcome::kind::refused || outcome.how == copy_outcome::kind::late || now_ns() >= last_try_ns) break;
    if (outcome.how != copy_outcome::kind::asleep) ++deaths;
  }
  return false;
}

/// Lets one thread write the short list, which is one for the process.
inline constinit light_atomic<bool> the_list_is_in_use{false};

/// Writes a first line, the interrupted thread and all others, by system calls alone. Stacks are those of the creation but for
/// the interrupted thread's.
template <class WriteFirstLine>
void write_short_dump(WriteFirstLine&& write_first_line, const interrupted_thread& at) noexcept {
  if (the_list_is_in_use.exchange(true)) return;
  const signal_safe_stack stack(at.frame);
  signal_safe_list& list = the_signal_safe_list;
  list.out().text("taskleak: ");
  write_first_line(list.out());
  list.out().text("\n").text(separator_line);
  list.write_own(stack);
  list.write_others(true);
  list.out().flush();
  the_list_is_in_use.store(false);
}

}  // namespace taskleak::inline v0::detail

#endif
