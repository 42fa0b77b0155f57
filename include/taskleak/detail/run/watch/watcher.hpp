// SPDX-License-Identifier: MIT
/// \file Watches over a process from a helper process: sees from outside that all its threads are asleep, or that a limit is
/// over.
#ifndef TASKLEAK_DETAIL_RUN_WATCH_WATCHER_HPP
#define TASKLEAK_DETAIL_RUN_WATCH_WATCHER_HPP

#include <taskleak/detail/base/hash_mix.hpp>
#include <taskleak/detail/platform/outside_look.hpp>
#include <taskleak/detail/platform/signal_let_through.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/platform/task_directory.hpp>
#include <taskleak/detail/run/watch/long_wait.hpp>
#include <taskleak/detail/run/watch/watch_page.hpp>
#include <taskleak/detail/run/watch/watch_signal.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

#include <time.h>

namespace taskleak::inline v0::detail {

/// Is what the helper does. It makes system calls and nothing else, since it has a copy of a process that may hold any lock, and
/// it knows only what /proc tells, so that it can disturb nobody. It asks the main thread for all that must be done.
class watcher {
 public:
  /// `process` is the helper's parent, `thread` the thread that is to be interrupted.
  watcher(watch_page& page, int process, int thread, int signal) noexcept
      : page_(page), process_(process), thread_(thread), signal_(signal) {}

  /// Returns when the helper is not wanted any more: the process has said so, or has ended and was not allowed to end the helper,
  /// or has become another program by execve(2), or does not handle the signal.
  void run() noexcept {
    last_tick_ns_ = now_ns();
    watch();
    say_farewell();
  }

 private:
  void watch() noexcept {
    for (;;) {
      pause();
      if (page_.is_unwanted.load_acquire() != 0 || syscall(SYS_getppid) != process_ || is_another_program()) return;
      const passed_time passed = time_passed();
      outside_status status;
      if (!can_look_ || !read_outside_status(process_, status)) {
        page_.is_refused.store_relaxed(true);
        watch_limits(passed.sure_ns);
      } else if (!status.catches(signal_)) {
        return;
      } else if (status.is_stopped() || status.has_debugger) {
        times_asleep_ = 0;
      } else {
        is_unheard_ = status.blocks(signal_) && !page_.is_answering.load() && page_.asked.load() != watch_request::none;
        if (is_unheard_) let_signal_come();
        look(passed);
      }
    }
  }

  static constexpr std::int64_t shortest_pause_ns = 100'000'000;
  static constexpr std::int64_t pause_before_sure_ns = 50'000'000;
  static constexpr std::int64_t pause_when_put_off_ns = 10'000'000;
  static constexpr int looks_to_be_sure = 3;

  /// Sleeps for longer where a look takes long, as with thousands of threads: the helper takes a hundredth of a CPU at the most.
  /// The looks that make sure that all threads are asleep come sooner, and so does a question that the process has put off.
  void pause() noexcept {
    const std::int64_t wished = page_.is_put_off.exchange(false) ? pause_when_put_off_ns
                                : times_asleep_ > 0              ? pause_before_sure_ns
                                                                 : shortest_pause_ns;
    const std::int64_t ns = std::max(wished, 100 * look_took_ns_);
    wait_on_shared_word(page_.is_unwanted.address(), 0, ns);
    pause_ns_ = ns;
  }

  void say_farewell() noexcept {
    outside_status status;
    const bool is_restrained = read_outside_status(process_, status) && status.filters > filters_at_start_;
    page_.farewell.store_release(is_restrained ? watch_farewell::restrained : watch_farewell::free);
    wake_all_on_shared_word(reinterpret_cast<std::uint32_t*>(page_.farewell.address()));
  }

  /// A child has the filters of its parent.
  static int own_filters() noexcept {
    outside_status status;
    return read_outside_status(id_of_this_process(), status) ? status.filters : 0;
  }

  /// Is the time since the last tick, but for that in which the helper was stopped with its group.
  struct passed_time {
    std::int64_t sure_ns;   ///< without most of the time in which the helper waited for a CPU, as the process may have done
    std::int64_t whole_ns;  ///< with that time: for who looks whether the process has waited for a CPU
  };

  passed_time time_passed() noexcept {
    const std::int64_t now = now_ns(), passed = now - std::exchange(last_tick_ns_, now);
    const int self = id_of_this_process();
    const std::int64_t runnable = time_runnable_ns(self, self);
    const std::int64_t waited = runnable - std::exchange(runnable_ns_, runnable);
    const std::int64_t sure = std::min(passed, 2 * pause_ns_);
    return {sure, std::max(sure, std::min(passed, pause_ns_ + waited))};
  }

  /// Returns the CPU time of the helper: a look may take long for want of a CPU.
  static std::int64_t own_cpu_ns() noexcept {
    timespec t{};
    syscall(SYS_clock_gettime, CLOCK_PROCESS_CPUTIME_ID, &t);
    return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
  }

  void look(const passed_time& passed) noexcept {
    const std::int64_t began = own_cpu_ns();
    watch_thread(passed.sure_ns);
    watch_limits(passed.sure_ns);
    watch_sleep();
    watch_long_wait(passed.sure_ns);
    if (page_.phase.load_relaxed() == watch_phase::ending) watch_end(passed.whole_ns);
    look_took_ns_ = own_cpu_ns() - began;
  }

  /// A program that handles the signal has begun where this one was: the same one once more, or one with a runtime that handles
  /// all signals.
  bool is_another_program() const noexcept {
    constexpr std::uint64_t page = 4096;  // less than that stands for unknown
    const std::uint64_t now = start_of_code(process_);
    return now != start_of_code_ && now >= page && start_of_code_ >= page;
  }

  /// Counts for how long the thread has not run.
  void watch_thread(std::int64_t passed) noexcept {
    const std::uint64_t runs = times_run(process_, thread_);
    still_ns_ = runs == std::exchange(runs_of_thread_, runs) ? still_ns_ + passed : 0;
    page_.still_ns.store_relaxed(still_ns_);
  }

  void watch_limits(std::int64_t passed) noexcept {
    for (std::size_t i = 0; i < watch_page::slots; ++i) {
      const watch_slot& slot = page_.limits[i];
      used_limit& used = used_[i];
      const std::uint32_t generation = slot.generation.load_acquire();
      const std::int64_t limit = slot.limit_ns.load_relaxed();
      if (generation != used.generation) used = {generation, 0};
      if (generation == 0 || limit == 0) continue;
      used.ns += passed;
      if (used.ns < limit) continue;
      page_.asked_slot.store_relaxed(static_cast<std::uint32_t>(i));
      page_.asked_generation.store_relaxed(generation);
      ask(watch_request::too_long);
      used.ns = std::max<std::int64_t>(limit - pause_when_put_off_ns, 0);
    }
  }

  /// Looks whether nobody in the process can wake anybody else, three times in a row with nobody having run in between.
  void watch_sleep() noexcept {
    const std::uint32_t beat = page_.beat.load_relaxed();
    const bool is_wakeable = page_.wakeable_in.load_relaxed() == beat + 1;
    std::size_t runs = 0;
    if (is_wakeable || beat != std::exchange(beat_, beat) || !are_all_asleep(runs)) {
      times_asleep_ = 0;
      return;
    }
    if (times_asleep_ == 0 || runs != runs_) {
      runs_ = runs;
      times_asleep_ = 1;
      return;
    }
    if (++times_asleep_ < looks_to_be_sure || !words_.are_private(process_)) return;
    if (has_child_in_same_memory(process_, id_of_this_process())) return;
    std::fill(page_.sleepers + sleepers_, std::end(page_.sleepers), 0);
    ask(watch_request::all_asleep);
    times_asleep_ = 0;
  }

  /// Asks about a thread that waits for one futex for long while others are awake.
  void watch_long_wait(std::int64_t passed) noexcept {
    if (!page_.judges_long_waits || page_.phase.load_relaxed() != watch_phase::running) return;
    if (page_.is_answering.load() || page_.asked.load() != watch_request::none) return;
    const std::uint32_t beat = page_.beat.load_relaxed();
    if (page_.told_in.load_relaxed() == beat + 1) return;
    const outside_wait wait = read_outside_wait(process_, thread_);
    const seen_wait now{wait.what == outside_wait::kind::asleep, wait.word, beat, times_run(process_, thread_)};
    if (!long_wait_.is_time_to_ask(now, passed, page_.times_orphaned.load_relaxed() > 0)) return;
    if (!has_child_in_same_memory(process_, id_of_this_process())) ask(watch_request::long_wait);
  }

  bool are_all_asleep(std::size_t& runs) noexcept {
    words_.clear();
    sleepers_ = 0;
    if (!is_asleep(thread_)) return false;  // the thread that runs the tests: the others need no look
    return for_each_outside_thread(process_, [&](int tid) {
      const outside_wait wait = read_outside_wait(process_, tid);
      if (page_.has_sleepers && wait.what == outside_wait::kind::sleeping) return note_sleeper(tid);
      if (!is_asleep(wait)) return false;
      mix_into(runs, static_cast<std::uint64_t>(tid));
      mix_into(runs, times_run(process_, tid));
      return true;
    });
  }

  bool is_asleep(int tid) noexcept { return is_asleep(read_outside_wait(process_, tid)); }

  bool is_asleep(const outside_wait& wait) noexcept {
    if (wait.what == outside_wait::kind::unreadable) page_.is_refused.store_relaxed(true);
    if (wait.what == outside_wait::kind::pausing) return true;
    return wait.what == outside_wait::kind::asleep && words_.add(wait.word);
  }

  /// Notes a thread that may be a sanitizer's, and not the program's: the process itself knows.
  bool note_sleeper(int tid) noexcept {
    if (sleepers_ == watch_page::most_sleepers) return false;
    page_.sleepers[sleepers_++] = tid;
    return true;
  }

  /// Counts the time in which neither the main thread nor one that it may wait for has run, or has waited for a CPU. A main
  /// thread that waits for something with a limit will end by itself.
  void watch_end(std::int64_t passed) noexcept {
    const outside_wait wait = read_outside_wait(process_, thread_);
    moves_at_end moves{wait.is_for_ever() ? std::size_t{0} : 1};
    add_moves(thread_, moves);
    if (!add_joined(wait, moves))
      for (const int tid : page_.stragglers)
        if (tid != 0) add_moves(tid, moves);
    const bool any = moves.runs != std::exchange(runs_at_end_, moves.runs) || moves.runnable > 0;
    stuck_ns_ = any ? 0 : stuck_ns_ + passed;
    if (stuck_ns_ < page_.exit_within_ns.load_relaxed()) return;
    ask(watch_request::stuck);
    stuck_ns_ = 0;
  }

  struct moves_at_end {
    std::size_t runnable = 0;  ///< how many threads run, or wait for a CPU; the main thread counts where its wait has a limit
    std::size_t runs = 0;      ///< changes when one of them has run
  };

  void add_moves(int tid, moves_at_end& moves) const noexcept {
    mix_into(moves.runs, times_run(process_, tid));
    if (is_runnable(process_, tid)) ++moves.runnable;
  }

  /// Adds the joined thread, the thread that it joins, and so on: only they can end a join, whatever the others do. Returns false
  /// where the wait is no join.
  bool add_joined(outside_wait wait, moves_at_end& moves) noexcept {
    bool any = false;
    for (int step = 0; step < 16; ++step) {
      const auto joined = static_cast<int>(wait.value);
      if (wait.what != outside_wait::kind::asleep || joined == 0 || !is_straggler(joined)) return any;
      add_moves(joined, moves);
      wait = read_outside_wait(process_, joined);
      any = true;
    }
    return any;
  }

  bool is_straggler(int tid) const noexcept {
    return std::find(std::begin(page_.stragglers), std::end(page_.stragglers), tid) != std::end(page_.stragglers);
  }

  /// Has the thread answer a question that it has not heard, since it blocks all signals. The handler sets the mask right again.
  void let_signal_come() noexcept {
    page_.was_blocked.store(true);
    let_signal_through(thread_, signal_);
  }

  /// Does not ask while the process answers; a question that has not been heard is still on its way.
  void ask(watch_request what) noexcept {
    if (page_.is_answering.load()) return;
    page_.asked.store(what);
    if (!is_unheard_) send_watch_signal(process_, thread_, signal_);
  }

  struct used_limit {
    std::uint32_t generation = 0;
    std::int64_t ns = 0;
  };

  watch_page& page_;
  int process_;
  int thread_;
  int signal_;
  std::uint64_t start_of_code_ = start_of_code(id_of_this_process());  ///< of the copied program, which is the process's
  bool can_look_ = proc_is_of_our_namespace();
  int filters_at_start_ = own_filters();
  std::int64_t pause_ns_ = shortest_pause_ns;
  std::int64_t look_took_ns_ = 0;
  std::int64_t last_tick_ns_ = 0;
  std::int64_t runnable_ns_ = 0;
  used_limit used_[watch_page::slots];
  slept_on_words words_;
  long_wait long_wait_;
  std::uint64_t runs_of_thread_ = 0;
  std::int64_t still_ns_ = 0;
  bool is_unheard_ = false;
  std::uint32_t beat_ = 0;
  std::size_t runs_ = 0;
  int times_asleep_ = 0;
  std::size_t sleepers_ = 0;
  std::size_t runs_at_end_ = 0;
  std::int64_t stuck_ns_ = 0;
};

}  // namespace taskleak::inline v0::detail

#endif
