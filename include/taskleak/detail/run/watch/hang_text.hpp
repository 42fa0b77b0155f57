// SPDX-License-Identifier: MIT
/// \file Says of a process that hangs what every one of its threads waits for.
#ifndef TASKLEAK_DETAIL_RUN_WATCH_HANG_TEXT_HPP
#define TASKLEAK_DETAIL_RUN_WATCH_HANG_TEXT_HPP

#include <taskleak/detail/base/separator.hpp>
#include <taskleak/detail/base/visible.hpp>
#include <taskleak/detail/filter/rules.hpp>
#include <taskleak/detail/inspect/wait_words.hpp>
#include <taskleak/detail/registry/scope.hpp>
#include <taskleak/detail/report/limits.hpp>
#include <taskleak/detail/report/text/duration.hpp>
#include <taskleak/detail/report/text/to_text.hpp>
#include <taskleak/detail/run/check.hpp>
#include <taskleak/detail/run/question.hpp>
#include <taskleak/detail/run/watch/watch_page.hpp>
#include <taskleak/detail/verdict/orphan_words.hpp>
#include <taskleak/options.hpp>
#include <taskleak/report.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace taskleak::inline v0::detail {

/// Returns every live task, the main thread first, with nobody held and no signal sent.
inline report every_task() {
  rule_set none(wait_up_to(std::chrono::nanoseconds(0)));
  return check(question::of_dump(), none).run();
}

/// Returns the user's function that the thread is in; where there is none, the outermost destructor, as of a std::future.
inline const frame* function_that_is_stuck(const std::vector<frame>& stack) noexcept {
  if (const frame* const f = first_function_of_users(stack)) return f;
  const frame* outermost = nullptr;
  for (const frame& f : stack)
    if (f.function.find("::~") != f.function.npos) outermost = &f;
  return outermost;
}

/// Returns `stuck in ~pool() [join] at pool.hpp:31, waiting for thread 7 "worker"`.
inline std::string stuck_in_words(const report& found) {
  std::string text = "stuck";
  if (found.stragglers.empty()) return text;
  const straggler& main = found.stragglers.front();
  const frame* const in = function_that_is_stuck(main.stack);
  if (in) text.append(" in ").append(in->function);
  text.append(" [").append(main.state_text).append("]");
  if (in && !in->file.empty()) {
    text += " at ";
    append_place(text, *in);
  }
  if (!main.waits_for.empty()) text.append(", waiting for ").append(in_words(main.waits_for.front()));
  return text;
}

/// Returns the first line, without a newline.
inline std::string headline_of_hang(watch_request why, std::string_view name, std::int64_t limit_ns, const report& found) {
  switch (why) {
    case watch_request::long_wait: return "the main thread is orphaned: " + std::string(name) + " can never end";
    case watch_request::all_asleep: return "all tasks are asleep: " + std::string(name) + " can never end";
    case watch_request::too_long: {
      std::string text = std::string(name) + " has not ended within ";
      append_duration(text, std::chrono::nanoseconds(limit_ns));
      return text + (name == "the program" ? ", three seconds before TEST_TIMEOUT" : ", the limit of fail_after");
    }
    case watch_request::stuck: return "the process does not end: " + stuck_in_words(found);
    case watch_request::none: break;
  }
  return {};
}

/// Returns every live task, as the report of the hang of the scope `name`.
inline report report_of_hang(watch_request why, std::string_view name, std::int64_t limit_ns) {
  report found = every_task();
  if (why == watch_request::long_wait && !found.stragglers.empty() && found.stragglers.front().verdict == verdict::none)
    call_orphaned(found.stragglers.front());
  found.kind = report_kind::hang;
  found.scope = name;
  found.headline = headline_of_hang(why, name, limit_ns, found);
  return found;
}

/// Returns the first line and a block for each task.
inline std::string text_of_hang(const report& found) {
  std::string text;
  append_on_one_line(text, found.headline);
  text.append("\n").append(separator_line);
  append_blocks(text, found, shown_limits());
  return text;
}

}  // namespace taskleak::inline v0::detail

#endif
