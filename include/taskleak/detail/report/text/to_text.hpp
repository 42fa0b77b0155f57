// SPDX-License-Identifier: MIT
/// \file Writes the text of a report, as a failure shows it. Defines to_text() as an ordinary function: taskleak/runtime.hpp
/// includes this file, and no other header does.
#ifndef TASKLEAK_DETAIL_REPORT_TEXT_TO_TEXT_HPP
#define TASKLEAK_DETAIL_REPORT_TEXT_TO_TEXT_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/base/separator.hpp>
#include <taskleak/detail/base/visible.hpp>
#include <taskleak/detail/report/fold.hpp>
#include <taskleak/detail/report/limits.hpp>
#include <taskleak/detail/report/text/block.hpp>
#include <taskleak/detail/report/text/summary.hpp>
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/report.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taskleak::inline v0 {

namespace detail {

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

/// Returns `3 ignored: 2 x 'grpc pool', 1 x 'logger'`, most frequent first, or an empty text when nothing was ignored.
inline std::string ignored_summary(const std::vector<ignored_task>& ignored) {
  if (ignored.empty()) return {};
  struct tally {
    std::string_view reason;
    std::size_t count;
  };
  std::size_t total = 0;
  light_vector<tally> tallies;  // reasons are few, however many tasks they ignore
  for (const ignored_task& task : ignored) {
    std::size_t at = 0;
    while (at < tallies.size() && tallies[at].reason != task.reason) ++at;
    if (at == tallies.size()) tallies.push_back({task.reason, 0});
    tallies[at].count += task.count;
    total += task.count;
    // the order is kept: a reason that has overtaken others moves up, but not past an earlier one with the same count
    for (; at > 0 && tallies[at - 1].count < tallies[at].count; --at) std::swap(tallies[at - 1], tallies[at]);
  }
  std::string out;
  out += fmt::format("{} ignored: ", total);
  for (const tally& t : tallies) {
    if (&t != &tallies.front()) out += ", ";
    append_number(out, t.count);
    out += " x '";
    append_on_one_line(out, t.reason);
    out.push_back('\'');
  }
  return out;
}

/// Appends at most limits.stragglers blocks, and says how many more there are.
inline void append_blocks(std::string& out, const report& found, const report_limits& limits) {
  const std::vector<straggler_group> groups = fold(found, limits.all_frames);
  constexpr std::size_t sample = 64;
  std::size_t shown = 0;
  for (const straggler_group& group : groups) {
    if (shown > 0) out += separator_line;
    if (shown == limits.stragglers) {
      out += fmt::format("... {} more; TASKLEAK_OPTIONS=max_stragglers={} shows them\n", groups.size() - shown, groups.size());
      break;
    }
    append_block(out, group, limits);
    ++shown;
    // growing step by step would copy a long text several times
    if (shown == sample)
      out.reserve(out.size() + out.size() / sample * (std::min(groups.size(), limits.stragglers) - shown) * 9 / 8);
  }
}

/// Returns all blocks, without headline and notes.
inline std::string blocks_text(const report& found, report_limits limits) {
  std::string out;
  limits.stragglers = found.stragglers.size();
  append_blocks(out, found, limits);
  return out;
}

/// Returns the text of dump(): blocks of live tasks, without the headline of a failure.
inline std::string dump_text(const report& tasks, const report_limits& limits) {
  return tasks.stragglers.empty() ? "no other task is alive\n" : blocks_text(tasks, limits);
}

}  // namespace detail

report_limits limits_of_run() { return detail::shown_limits(); }

std::string headline_of(const report& found) { return detail::headline(found); }

std::string to_text(const report& found) { return to_text(found, limits_of_run()); }

// Every line ends with a newline, also the last one.
std::string to_text(const report& found, const report_limits& limits) {
  std::string out;
  for (const std::string& error : found.errors) {
    detail::append_on_one_line(out, error);
    out += '\n';
  }
  // a check with errors and without stragglers has not looked properly: it does not say that nothing is left
  if (!found.stragglers.empty() || found.errors.empty()) {
    out += detail::headline(found);
    out += '\n';
  }
  if (!found.stragglers.empty()) out += detail::separator_line;
  detail::append_blocks(out, found, limits);
  if (const std::string summary = detail::ignored_summary(found.ignored); !summary.empty()) {
    out += detail::separator_line;
    out += summary;
    out += '\n';
  }
  for (const std::string& note : found.notes) {
    out += detail::separator_line;
    detail::append_on_one_line(out, note);
    out += '\n';
  }
  return out;
}

}  // namespace taskleak::inline v0

#endif
