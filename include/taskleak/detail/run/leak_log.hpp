// SPDX-License-Identifier: MIT
/// \file Remembers what the checks of a run found, for its summary and for the notes of tests that fail later.
#ifndef TASKLEAK_DETAIL_RUN_LEAK_LOG_HPP
#define TASKLEAK_DETAIL_RUN_LEAK_LOG_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/gather.hpp>
#include <taskleak/detail/base/hash_mix.hpp>
#include <taskleak/detail/base/id_map.hpp>
#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/base/visible.hpp>
#include <taskleak/detail/inspect/inspect.hpp>
#include <taskleak/detail/inspect/inspect_coroutine.hpp>
#include <taskleak/detail/inspect/known_pools.hpp>
#include <taskleak/detail/platform/choice.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/probe/coroutine/live_coroutine.hpp>
#include <taskleak/detail/probe/kernel/kernel_threads.hpp>
#include <taskleak/detail/probe/thread/live_thread.hpp>
#include <taskleak/detail/registry/registry.hpp>
#include <taskleak/detail/report/text/block.hpp>
#include <taskleak/detail/report/text/summary.hpp>
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/report.hpp>
#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/parked_call.hpp>
#endif

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Tells a task from any later one, also from a thread that has been given the same id.
struct task_mark {
  task_kind kind = task_kind::thread;
  std::uint64_t id = 0;      ///< a thread's id, a coroutine's number
  std::uint64_t serial = 0;  ///< the serial of the thread's record; 0 for an unannounced thread
  std::uint64_t start_ticks = 0;

  /// Returns a number that no other thread has: the serial of an announced thread, or the id of another one.
  std::uint64_t key_of_thread() const noexcept { return serial ? serial << 1 | 1 : id << 1; }
};

/// Remembers a straggler that has been reported.
struct left_task {
  task_mark mark;
  std::size_t creator = 0;   ///< index into leak_log's creators
  std::size_t test = 0;      ///< index into leak_log's tests
  std::size_t function = 0;  ///< index into leak_log's functions: where the task was
  bool is_orphaned = false;
  bool is_held_by_caller = false;  ///< the path to it began on the stack of the thread that has made the check
  std::size_t parked_in = 0;       ///< of an orphaned thread: parked_place()
};

/// Returns a number that stands for the system call that the thread is in, its arguments and the place on the stack; 0 if the
/// thread runs. The call itself is not kept: it has the address of what the thread waits for, which would seem to be in use.
inline std::size_t parked_place([[maybe_unused]] std::uint64_t tid) {
#if defined(TASKLEAK_ON_LINUX)
  const parked_call call = read_parked_call(static_cast<int>(tid));
  if (call.what != parked_call::kind::blocked) return 0;
  std::size_t mixed = static_cast<std::size_t>(call.number);
  for (const std::uintptr_t word : call.arguments) mix_into(mixed, word);
  mix_into(mixed, call.sp);
  mix_into(mixed, call.pc);
  return mixed;
#else
  return 0;
#endif
}

/// Tells which of the marked tasks are alive at this moment.
class living_tasks {
 public:
  explicit living_tasks(bool with_coroutines) {
    threads_ = copy_threads_younger_than(
        0, [](const thread_record& r) { return (r.events.load_acquire() & thread_event::over) != thread_event::over; });
    kernel_threads().refresh();
    light_vector<live_thread> too_young;
    kernel_threads().copy_younger_than(0, true, threads_, too_young);
    for (std::size_t i = 0; i < threads_.size(); ++i) by_key_[mark_of(threads_[i]).key_of_thread()] = i;
    if (with_coroutines) coroutines_ = copy_coroutines_younger_than(0, [](const coroutine_birth&, bool) { return true; });
  }

  /// Returns the marked thread; null if it has ended, and for a coroutine.
  const live_thread* thread(const task_mark& mark) const {
    const std::size_t* const found = mark.kind == task_kind::thread ? by_key_.find(mark.key_of_thread()) : nullptr;
    if (!found) return nullptr;
    const live_thread& t = threads_[*found];
    return t.start_ticks == mark.start_ticks ? &t : nullptr;
  }

  bool has(const task_mark& mark) const {
    if (mark.kind == task_kind::thread) return thread(mark) != nullptr;
    const auto same = std::lower_bound(coroutines_.begin(), coroutines_.end(), mark.id,
                                       [](const live_coroutine& c, std::uint64_t id) { return c.id() < id; });
    return same != coroutines_.end() && same->id() == mark.id;
  }

  /// Returns the mark of a thread that was reported under this id: the youngest with the id that is in the reported state.
  task_mark mark_of_thread(std::uint64_t tid, bool finished) const {
    task_mark mark;
    mark.id = tid;
    for (const live_thread& t : threads_)
      if (static_cast<std::uint64_t>(t.tid) == tid && (t.serial == 0 || t.finished == finished)) mark = mark_of(t);
    return mark;
  }

 private:
  static task_mark mark_of(const live_thread& t) noexcept {
    return {task_kind::thread, static_cast<std::uint64_t>(t.tid), t.serial, t.start_ticks};
  }

  light_vector<live_thread> threads_;        ///< oldest first
  id_map<std::size_t> by_key_;               ///< by task_mark::key_of_thread()
  light_vector<live_coroutine> coroutines_;  ///< sorted by id
};

/// Builds the note of a test that fails: a few lines, and how many more there would be.
class still_alive_lines {
 public:
  bool are_full() const noexcept { return lines_ == most_lines; }

  void add(const std::string& test, const task_mark& mark, const std::string& function) {
    if (are_full()) {
      ++more_;
      return;
    }
    ++lines_;
    text_ += "still alive from ";
    append_on_one_line(text_, test);
    text_ += mark.kind == task_kind::thread ? ": thread " : ": coroutine ";
    append_number(text_, mark.id);
    if (!function.empty()) text_.append(" in ").append(function);
    text_ += '\n';
  }

  std::string text() const { return more_ > 0 ? text_ + fmt::format("... and {} more of earlier tests\n", more_) : text_; }

 private:
  static constexpr std::size_t most_lines = 5;

  std::string text_;
  std::size_t lines_ = 0;
  std::size_t more_ = 0;
};

/// Remembers what the checks of a run reported. Several threads may add at the same time.
class leak_log {
 public:
  /// Remembers what a check of this test reported.
  void add(const report& found, const std::string& test) {
    if (found.stragglers.empty() && found.ignored.empty()) return;
    const bool any_threads = detail::any_of(found.stragglers.begin(), found.stragglers.end(),
                                            [](const straggler& s) { return s.kind == task_kind::thread; });
    std::optional<living_tasks> living;
    if (any_threads) living.emplace(false);
    const std::lock_guard lock(mutex_);
    const std::size_t in_test = tests_.number(test);
    for (const straggler& s : found.stragglers) {
      left_task task;
      task.mark.kind = s.kind;
      task.mark.id = s.id;
      if (s.kind == task_kind::thread) task.mark = living->mark_of_thread(s.id, s.state == state::finished_never_joined);
      task.creator = creators_.number(creator_of(s));
      task.test = in_test;
      task.function = functions_.number(function_of(s));
      task.is_orphaned = s.verdict == verdict::orphaned;
      task.is_held_by_caller = s.held_by != 0 && s.held_by == static_cast<std::uint64_t>(current_tid());
      if (task.is_held_by_caller) any_held_by_caller_.store_relaxed(true);
      if (task.is_orphaned && s.kind == task_kind::thread) task.parked_in = parked_place(s.id);
      tasks_.push_back(task);
      for (const std::uint64_t alike : s.alike.ids) {
        task.mark.id = alike;
        tasks_.push_back(task);
      }
    }
    for (const ignored_task& one : found.ignored) {
      if (is_helper_of_the_system(one.reason) || one.is_owned) continue;
      if (is_name_of_pool(one.reason) && !workers_.insert(one.id).second) continue;
      ignored_.push_back({one.kind, 0, {}, one.reason, one.count});
    }
  }

  void clear() {
    const std::lock_guard lock(mutex_);
    tasks_.clear();
    for (names* const texts : {&creators_, &tests_, &functions_}) *texts = names();
    ignored_.clear();
    workers_.clear();
    any_held_by_caller_.store_relaxed(false);
  }

  /// Whether take_held_by_caller() may have something to return, for some test.
  bool has_held_by_caller() const noexcept { return any_held_by_caller_.load_relaxed(); }

  /// Returns those of the test's tasks that were held by the stack of the thread that had made the check, and are alive. Returns
  /// each once.
  light_vector<task_mark> take_held_by_caller(const std::string& test) {
    const std::lock_guard lock(mutex_);
    light_vector<task_mark> taken;
    const auto in_test = tests_.numbers.find(test);
    if (in_test == tests_.numbers.end()) return taken;
    const living_tasks living(true);
    for (left_task& task : tasks_) {
      if (!task.is_held_by_caller || task.test != in_test->second) continue;
      task.is_held_by_caller = false;
      if (living.has(task.mark)) taken.push_back(task.mark);
    }
    any_held_by_caller_.store_relaxed(
        detail::any_of(tasks_.begin(), tasks_.end(), [](const left_task& t) { return t.is_held_by_caller; }));
    return taken;
  }

  /// Notes that the task, the youngest with this id, was called orphaned after it had been reported.
  void call_orphaned(task_kind kind, std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = tasks_.size(); i > 0; --i) {
      left_task& task = tasks_[i - 1];
      if (task.mark.kind != kind || task.mark.id != id) continue;
      task.is_orphaned = true;
      if (kind == task_kind::thread) task.parked_in = parked_place(id);
      return;
    }
  }

  /// Returns how many stragglers were remembered so far.
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return tasks_.size();
  }

  /// Returns a note of the first `among_first` stragglers that are still alive, `still alive from Feed.Closes: thread 7 in
  /// pool::run()`, one a line, each as it is now. Threads come first, since they may hold up the test. Empty when there is none.
  std::string still_alive(std::size_t among_first) const {
    light_vector<left_task> earlier;
    std::size_t coroutines = 0;
    names tests;
    names functions;
    {
      const std::lock_guard lock(mutex_);
      among_first = std::min(among_first, tasks_.size());
      const auto end = tasks_.begin() + static_cast<std::ptrdiff_t>(among_first);
      const auto is_coroutine = [](const left_task& t) { return t.mark.kind == task_kind::coroutine; };
      coroutines = detail::count_if(tasks_.begin(), end, is_coroutine);
      const bool too_many = coroutines > most_coroutines;
      std::copy_if(tasks_.begin(), end, std::back_inserter(earlier),
                   [&](const left_task& t) { return !too_many || !is_coroutine(t); });
      if (earlier.empty()) return {};
      tests = tests_;
      functions = functions_;
    }
    const living_tasks living(coroutines > 0 && coroutines <= most_coroutines);
    still_alive_lines lines;
    const await_graph none;
    coroutine_inspector no_coroutines(none);
    for (const left_task& task : earlier) {
      const live_thread* const t = living.thread(task.mark);
      if (!t || t->finished) continue;  // a thread that has finished, and waits to be joined, holds up nobody
      std::string function;
      if (!lines.are_full()) {
        const std::optional<straggler> now = inspect(*t, no_coroutines);
        if (!now) continue;
        function = function_of(*now);
      }
      lines.add(tests.all[task.test], task.mark, function);
    }
    for (const left_task& task : earlier)
      if (task.mark.kind == task_kind::coroutine && living.has(task.mark))
        lines.add(tests.all[task.test], task.mark, functions.all[task.function]);
    return lines.text();
  }

  /// Returns the creators of all reported tasks, those of the most tasks first.
  light_vector<creator_summary> by_creator() const {
    const std::lock_guard lock(mutex_);
    light_vector<creator_summary> lines(creators_.all.size());
    if (tasks_.empty()) return lines;
    const std::size_t coroutines =
        detail::count_if(tasks_.begin(), tasks_.end(), [](const left_task& t) { return t.mark.kind == task_kind::coroutine; });
    const living_tasks living(coroutines > 0 && coroutines <= most_coroutines);
    for (const left_task& task : tasks_) {
      creator_summary& line = lines[task.creator];
      const bool is_thread = task.mark.kind == task_kind::thread;
      ++(is_thread ? line.threads : line.coroutines);
      if ((is_thread || coroutines <= most_coroutines) && !living.has(task.mark)) ++line.ended_since;
      const std::string& test = tests_.all[task.test];
      if (line.tests.empty() ||
          (line.tests.back() != test && detail::find(line.tests.begin(), line.tests.end(), test) == line.tests.end()))
        line.tests.push_back(test);
    }
    for (std::size_t i = 0; i < lines.size(); ++i) lines[i].creator = creators_.all[i];
    detail::sort(lines, [](const creator_summary& a, const creator_summary& b) {
      const std::size_t of_a = a.threads + a.coroutines;
      const std::size_t of_b = b.threads + b.coroutines;
      return of_a != of_b ? of_a > of_b : a.creator < b.creator;
    });
    return lines;
  }

  /// Returns a line for each task that a report has called orphaned, and that has run or ended since: the report was wrong.
  std::vector<std::string> wrong_orphans() const {
    const std::lock_guard lock(mutex_);
    light_vector<left_task> orphans;
    std::copy_if(tasks_.begin(), tasks_.end(), std::back_inserter(orphans), [](const left_task& t) { return t.is_orphaned; });
    std::vector<std::string> lines;
    if (orphans.empty()) return lines;
    const living_tasks living(true);
    for (const left_task& task : orphans) {
      const bool is_thread = task.mark.kind == task_kind::thread;
      const bool has_ended = !living.has(task.mark);
      const bool has_run = is_thread && !has_ended && task.parked_in != 0 && parked_place(task.mark.id) != task.parked_in;
      if (!has_ended && !has_run) continue;
      lines.push_back(fmt::format("taskleak was wrong about {} {} in {}, which it has called orphaned in {}: it has {} since",
                                  to_string(task.mark.kind), task.mark.id, functions_.all[task.function], tests_.all[task.test],
                                  has_ended ? "ended" : "run"));
    }
    return lines;
  }

  std::vector<ignored_task> ignored() const {
    const std::lock_guard lock(mutex_);
    return ignored_;
  }

 private:
  /// Keeps each text once, and finds it by a number.
  struct names {
    std::vector<std::string> all;
    std::map<std::string, std::size_t> numbers;

    std::size_t number(const std::string& text) {
      const auto [at, is_new] = numbers.emplace(text, all.size());
      if (is_new) all.push_back(text);
      return at->second;
    }
  };

  /// Whether a task was ignored as a helper of glibc or a sanitizer: nobody chose it, so it is not worth a line in each summary.
  static bool is_helper_of_the_system(std::string_view reason) noexcept {
    return reason == "glibc's helper thread" || reason == "sanitizer's background thread";
  }

  /// Returns `Feed::Feed(Config const&) src/feed.cpp:22`, or `unknown` if no function is known.
  static std::string creator_of(const straggler& s) {
    std::string text;
    if (const frame* const f = first_shown(s.creation_stack)) {
      append_on_one_line(text, f->function);
      shorten_in_the_middle(text, longest_name);
      const std::size_t before_place = text.size();
      text.push_back(' ');
      append_place(text, *f);
      if (text.size() == before_place + 1) text.pop_back();
      return text;
    }
    append_on_one_line(text, s.created_by.empty() ? "unknown" : s.created_by);
    return text;
  }

  static std::string function_of(const straggler& s) {
    std::string text;
    if (const frame* const f = first_shown(s.stack)) append_on_one_line(text, f->function);
    if (text.empty() && s.kind == task_kind::coroutine) append_on_one_line(text, s.name);
    shorten_in_the_middle(text, longest_name);
    return text;
  }

  static constexpr std::size_t longest_name = 100;

  /// Limits how many remembered coroutines are asked whether they are alive: the answer is not worth copies of a million.
  static constexpr std::size_t most_coroutines = 100'000;

  mutable std::mutex mutex_;
  light_vector<left_task> tasks_;
  names creators_;
  names tests_;
  names functions_;
  std::vector<ignored_task> ignored_;
  light_atomic<bool> any_held_by_caller_{false};
  std::set<std::uint64_t> workers_;  ///< workers of well-known pools, which more than one check ignores
};

}  // namespace taskleak::inline v0::detail

#endif
