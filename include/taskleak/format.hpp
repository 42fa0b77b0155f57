// SPDX-License-Identifier: MIT
/// \file Defines what a format is: a name, and a function that makes text of all that a run has found. Each of the formats that a
/// program may have beside text is a header of its own, such as taskleak/json.hpp, and so is one that a user writes.
#ifndef TASKLEAK_FORMAT_HPP
#define TASKLEAK_FORMAT_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/report.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace taskleak::inline v0 {

/// Tells when a task was born and when it ended; times are since the beginning of the run.
struct task_life {
  task_kind kind = task_kind::thread;
  std::uint64_t id = 0;               ///< the kernel's thread id, or the coroutine's number
  std::string name;                   ///< a thread's name or a coroutine's function; may be empty
  std::string test;                   ///< the test or suite that it is charged to; empty for the program
  std::string created_at;             ///< the function that created it, and its line; may be empty
  std::chrono::nanoseconds born{0};   ///< less than 0 for a task that was there before the run
  std::chrono::nanoseconds ended{0};  ///< of a task that is alive: when this was asked
  bool is_alive = false;
};

/// Tells when a test or a suite began and ended; times are since the beginning of the run.
struct test_time {
  std::string name;
  bool is_suite = false;
  std::chrono::nanoseconds began{0};
  std::chrono::nanoseconds ended{0};  ///< of one that still runs: when this was asked
};

/// Holds all that the checks of one run have found.
struct run_report {
  std::string program;             ///< the name of the program; empty if it is not known
  std::uint64_t pid = 0;           ///< the process; 0 if it is not known
  std::vector<report> reports{};   ///< in the order of the checks; a check that found nothing and ignored nothing has none
  std::vector<task_life> lives{};  ///< of all threads and tracked coroutines, where a format asks for them
  std::vector<test_time> tests{};  ///< all tests and suites, where a format asks for lives
  std::size_t lives_lost = 0;      ///< how many lives were too many to be kept
};

/// Makes a run of one report, for a format that writes runs.
inline run_report run_of(const report& one) {
  run_report run;
  run.reports.push_back(one);
  return run;
}

class output_format;

namespace detail {
struct scope;

/// Holds what keeps the lives of tasks; a program has it by the format that asks for it.
struct life_keeper {
  void (*switch_on)(bool keeps_stacks_of_coroutines);
  void (*begin)(const scope& opened);
  void (*end)(const scope& ended);
  void (*add_to)(run_report& run);
};

/// Heads the list of the formats of the program, the latest first; read and written by the compiler's atomic built-ins.
TASKLEAK_SHARED inline constinit const output_format* all_formats = nullptr;
}  // namespace detail

/// Says what a format writes, beyond its text.
struct format_traits {
  bool is_binary = false;  ///< whether the text is none for a terminal: it has to go to a file
  /// What keeps run_report::lives from the beginning of the run; null for a format that does not write them.
  const detail::life_keeper* lives = nullptr;
};

/// Registers a format, so that `TASKLEAK_OPTIONS=format=NAME:output=PATH` selects it. Costs nothing in a run that does not.
///
/// A variable of namespace scope, in any source file of the program, or inline in a header. The function is called at the end of
/// the run, and again where a thread is lost after it, on any thread, with no lock held; on a copy of the process where a hang
/// ends it. What it returns is written as it is.
///
///     std::string to_lines(const taskleak::run_report& run, const taskleak::report_limits&);
///     inline const taskleak::output_format lines("lines", &to_lines);
class [[nodiscard("a format belongs to the program: give it a variable of namespace scope")]] output_format {
 public:
  using writer = std::string (*)(const run_report&, const report_limits&);

  /// The name has to live as long as the program; it is one word, and of two formats of a name one is taken.
  output_format(const char* name, writer function, format_traits traits = {}) noexcept
      : name_(name), write_(function), traits_(traits) {
    const output_format** const first = &detail::all_formats;
    next_ = __atomic_load_n(first, __ATOMIC_ACQUIRE);
    const output_format* const self = this;
    while (!__atomic_compare_exchange_n(first, &next_, self, true, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    }
  }
  output_format(const output_format&) = delete;
  output_format& operator=(const output_format&) = delete;

  const char* name() const noexcept { return name_; }
  const format_traits& traits() const noexcept { return traits_; }
  const output_format* next() const noexcept { return next_; }
  std::string write(const run_report& run, const report_limits& limits) const { return write_(run, limits); }

  /// Returns the format that was registered last; next() leads on to the others.
  static const output_format* first() noexcept { return __atomic_load_n(&detail::all_formats, __ATOMIC_ACQUIRE); }

 private:
  const char* name_;
  writer write_;
  format_traits traits_;
  const output_format* next_ = nullptr;
};

}  // namespace taskleak::inline v0

#endif
