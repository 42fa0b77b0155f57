// SPDX-License-Identifier: MIT
/// \file Writes the first line of a report, and where one straggler is.
#ifndef TASKLEAK_DETAIL_REPORT_TEXT_HEADLINE_HPP
#define TASKLEAK_DETAIL_REPORT_TEXT_HEADLINE_HPP

#include <taskleak/detail/base/visible.hpp>
#include <taskleak/detail/report/count_tasks.hpp>
#include <taskleak/detail/report/text/block.hpp>
#include <taskleak/detail/report/text/summary.hpp>
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace taskleak::inline v0::detail {

/// Returns `1 thread and 2 coroutines`, or one of the two parts if the other number is 0.
inline std::string count_in_words(const std::vector<straggler>& all) {
  return count_in_words(count_tasks_of(all, task_kind::thread), count_tasks_of(all, task_kind::coroutine));
}

/// Whether the function is one of the language's or the system's run-time libraries, as is the first one shown of a thread whose
/// own function is not on its stack.
inline bool is_of_run_time(const frame& f) noexcept {
  const frame_origin origin = origin_of(f);
  return origin == frame_origin::language || origin == frame_origin::thread_start;
}

inline const frame* first_function_of_users(const std::vector<frame>& stack) noexcept {
  for (const frame& f : stack)
    if (!f.plumbing && origin_of(f) == frame_origin::user) return &f;
  return nullptr;
}

/// Returns where one straggler is, for a line that has room for no more: `[condition wait] in Feed::pump() src/feed.cpp:57`,
/// or `[suspended at src/session.cpp:18] in session(int)`.
///
/// A name that would make the text longer than `room` loses its middle.
inline std::string where_it_is(const straggler& s, std::size_t room) {
  std::string state;
  state.push_back('[');
  append_on_one_line(state, s.state_text);
  state.push_back(']');
  const frame* const in = first_shown(s.stack);
  std::string name;
  std::string place;
  const frame* const creator = in && is_of_run_time(*in) ? first_function_of_users(s.creation_stack) : nullptr;
  if (creator) {
    append_on_one_line(name, creator->function);
    append_place(place, *creator);
  } else if (in) {
    append_on_one_line(name, in->function);
    append_place(place, *in);
    if (!place.empty() && s.state_text.ends_with(place)) place.clear();  // a coroutine's state has the place already
  } else if (s.kind == task_kind::coroutine && !s.name.empty()) {
    append_on_one_line(name, s.name);
  } else {
    state += s.kind == task_kind::thread ? " thread " : " coroutine ";
    append_number(state, s.id);
    if (!s.name.empty()) {
      state += " \"";
      append_on_one_line(state, s.name);
      state.push_back('"');
    }
    return state;
  }
  const std::string_view lead = creator ? " in a thread created by " : " in ";
  const std::size_t taken = state.size() + lead.size() + place.size() + (place.empty() ? 0 : 1);
  shorten_in_the_middle(name, std::max(room > taken ? room - taken : 0, shortest_shown_name));
  state += lead;
  state += name;
  if (!place.empty()) state.push_back(' ');
  return state + place;
}

/// Returns the first line of a failure, without a newline: `Feed.Closes left 1 thread and 2 coroutines behind`, or
/// `1 thread is alive` if no scope was checked, and after a colon where the oldest straggler is.
inline std::string headline(const report& found) {
  if (!found.headline.empty()) return on_one_line(found.headline);
  std::string scope;
  append_on_one_line(scope, found.scope);
  if (found.stragglers.empty()) return scope.empty() ? "nothing is alive" : scope + " left nothing behind";
  const std::string count = count_in_words(found.stragglers);
  std::string line =
      scope.empty()
          ? count + (found.stragglers.size() == 1 && found.stragglers.front().alike.ids.empty() ? " is alive" : " are alive")
          : scope + " left " + count + " behind";
  line += ": ";
  return line + where_it_is(found.stragglers.front(), longest_headline > line.size() ? longest_headline - line.size() : 0);
}

}  // namespace taskleak::inline v0::detail

#endif
