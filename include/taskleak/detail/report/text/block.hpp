// SPDX-License-Identifier: MIT
/// \file Writes the block of lines that a report has for one straggler, or for many that are alike.
#ifndef TASKLEAK_DETAIL_REPORT_TEXT_BLOCK_HPP
#define TASKLEAK_DETAIL_REPORT_TEXT_BLOCK_HPP

#include <taskleak/detail/base/digits.hpp>
#include <taskleak/detail/base/visible.hpp>
#include <taskleak/detail/inspect/numbered_kinds.hpp>
#include <taskleak/detail/registry/current.hpp>
#include <taskleak/detail/report/text/duration.hpp>
#include <taskleak/detail/report/text/stack_rows.hpp>
#include <taskleak/detail/report/text/verdict_words.hpp>
#include <taskleak/detail/symbols/module.hpp>
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/detail/symbols/shorten.hpp>
#include <taskleak/report.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace taskleak::inline v0::detail {

inline constexpr std::size_t least_function_column = 35;
inline constexpr std::size_t longest_aligned_function = 80;
inline constexpr std::size_t longest_headline = 200;
inline constexpr std::size_t most_ids_shown = 8;
inline constexpr std::size_t shortest_shown_name = 40;  ///< room is made for this much of a name, however long its line becomes

inline void append_number(std::string& out, unsigned long long number) { out += digits(number).view(); }

/// Takes out the middle of a name that is longer than `longest`: `wait_for<long, ...>(unsigned)` keeps both its ends.
inline void shorten_in_the_middle(std::string& name, std::size_t longest) {
  constexpr std::string_view gap = "...";
  if (name.size() <= longest || longest <= gap.size()) return;
  const auto is_inside_character = [&](std::size_t i) { return (static_cast<unsigned char>(name[i]) & 0xC0) == 0x80; };
  std::size_t head = (longest - gap.size()) * 2 / 3;
  std::size_t tail = name.size() - (longest - gap.size() - head);
  while (head > 0 && is_inside_character(head)) --head;
  while (tail < name.size() && is_inside_character(tail)) ++tail;
  name.replace(head, tail - head, gap);
}

/// Returns where the files of a block's frames begin, counted from where its functions begin.
inline std::size_t function_column(const straggler& s, const report_limits& limits) {
  std::size_t longest = 0;
  for (const std::vector<frame>* stack : {&s.stack, &s.creation_stack}) {
    if (s.kind == task_kind::coroutine && stack == &s.stack) continue;
    for (const stack_row& row : rows_of(*stack, limits))
      if (row.of && row.of->function.size() <= longest_aligned_function) longest = std::max(longest, row.of->function.size());
  }
  return std::max(least_function_column, longest + 2);
}

/// Appends `src/feed.cpp:57`, or `(libfeed.so)` where no file is known; nothing where the function is named after its module.
inline void append_place(std::string& out, const frame& f) {
  if (!f.file.empty()) {
    append_on_one_line(out, f.file);
    if (f.line != 0) {
      out.push_back(':');
      append_number(out, f.line);
    }
    return;
  }
  const std::string_view module = file_name_of(f.module);
  if (module.empty() || (f.function.starts_with(module) && f.function.compare(module.size(), 3, "+0x") == 0)) return;
  out.push_back('(');
  append_on_one_line(out, module);
  out.push_back(')');
}

/// Returns the name on one line, cut to the room that the line limit leaves.
inline std::string shown_name(std::string_view name, std::size_t taken, const report_limits& limits) {
  const std::size_t limit = limits.line;
  const std::size_t room = limit > taken + shortest_shown_name ? limit - taken : shortest_shown_name;
  return on_one_line(shorten_name(name, room));
}

inline void append_frame(std::string& out, const frame& f, std::size_t column, const report_limits& limits) {
  constexpr std::size_t indent = 7;
  constexpr std::size_t least_gap = 2;
  std::string place;
  append_place(place, f);
  const std::string name = shown_name(f.function, indent + least_gap + place.size(), limits);
  out += name;
  if (!place.empty()) {
    const std::size_t aligned = name.size() + least_gap <= column ? column - name.size() : least_gap;
    const bool fits = indent + name.size() + aligned + place.size() <= limits.line;
    out.append(fits ? aligned : least_gap, ' ');
    out += place;
  }
  out += '\n';
}

/// Appends the frames that are no plumbing, `at` in front of the first.
inline void append_stack(std::string& out, const std::vector<frame>& stack, std::size_t column, const report_limits& limits) {
  const char* lead = "    at ";
  for (const stack_row& row : rows_of(stack, limits)) {
    out += lead;
    if (row.of)
      append_frame(out, *row.of, column, limits);
    else
      out.append("... ").append(with_thousands(row.left_out)).append(" more ...\n");
    lead = "       ";
  }
}

/// Appends `thread 48213 "feed" [condition wait, 412 ms]`.
inline void append_header(std::string& out, const straggler_group& group, const report_limits& limits) {
  const straggler& s = *group.first;
  out += s.kind == task_kind::thread ? "thread " : "coroutine ";
  append_number(out, s.id);
  if (!s.name.empty()) {
    out += s.kind == task_kind::thread ? " \"" : " ";
    constexpr std::size_t id_and_duration = 60;
    out += shown_name(s.name, id_and_duration + s.state_text.size(), limits);
    if (s.kind == task_kind::thread) out.push_back('"');
  }
  out += " [";
  append_on_one_line(out, s.state_text);
  out += ", ";
  append_duration(out, group.longest);
  out.push_back(']');
  if (s.verdict != verdict::none) {
    out.append(1, ' ').append(to_string(s.verdict));
    // a holder follows like the object of a sentence: `held by global `sessions``
    if (const std::string reason = reason_of(group); !reason.empty())
      append_on_one_line(out.append(s.verdict == verdict::held ? " " : ": "), reason);
  }
  out += '\n';
}

/// Appends the path that a verdict goes by, one line each.
inline void append_holders(std::string& out, const straggler& s, const report_limits& limits) {
  constexpr std::size_t indent = 11;
  const char* lead = s.verdict == verdict::deadlocked ? "    cycle: " : "    path:  ";
  for (const std::string& holder : s.holders) {
    out += lead;
    std::string line = on_one_line(holder);
    shorten_in_the_middle(line, std::max(limits.line - std::min(limits.line, indent), shortest_shown_name));
    out += line;
    out += '\n';
    lead = "           ";
  }
}

/// Appends `64 threads like this one: 48213, 48214, ...` if there is more than one. The lines below are those of the first
/// straggler; if the others await other things, this line says so.
inline void append_group_size(std::string& out, const straggler_group& group) {
  if (group.count() == 1) return;
  out += fmt::format("    {} {} like this one", group.count(), group.first->kind == task_kind::thread ? "threads" : "coroutines");
  const char* const awaited = group.first->waits_on.detail.empty() ? "object" : "coroutine";
  if (group.objects == group.count())
    out += fmt::format(", each awaiting {} {} of its own", awaited[0] == 'o' ? "an" : "a", awaited);
  else if (group.objects > 1)
    out += fmt::format(", awaiting {} different {}s", group.objects, awaited);
  out += ": ";
  for (std::size_t i = 0; i < std::min(group.count(), most_ids_shown); ++i) {
    if (i > 0) out += ", ";
    append_number(out, group.ids[i]);
  }
  out += group.count() > most_ids_shown ? ", ...\n" : "\n";
}

/// Appends `coroutine 912 session(int)`, with the name cut to fit; appends other words as they are.
inline void append_awaited(std::string& out, std::string_view words, std::size_t taken, const report_limits& limits) {
  constexpr std::string_view kind = "coroutine ";
  const std::size_t name = words.starts_with(kind) ? words.find(' ', kind.size()) : std::string_view::npos;
  if (name == std::string_view::npos) return append_on_one_line(out, words);
  append_on_one_line(out, words.substr(0, name + 1));
  out += shown_name(words.substr(name + 1), taken + name + 1, limits);
}

/// Appends the chain of coroutines that await each other, on as many lines as it takes; a very long chain is shown by both ends.
inline void append_await_chain(std::string& out, const std::vector<frame>& stack, const report_limits& limits) {
  constexpr std::string_view arrow = " <- ";
  constexpr std::string_view next_line = "\n       ";
  const std::size_t longest = limits.line;
  std::vector<std::string> links;
  for (const frame& f : stack) {
    if (f.plumbing && !limits.all_frames) continue;
    std::string place;
    if (!f.file.empty()) append_place(place.append(1, ' '), f);
    links.push_back(shown_name(f.function, next_line.size() + arrow.size() + place.size(), limits) + place);
  }
  if (links.size() < 2) return;
  if (const std::size_t most = std::max<std::size_t>(limits.frames, 2); links.size() > most) {
    const auto gap = links.begin() + static_cast<std::ptrdiff_t>(most - 1);
    *gap = "... " + with_thousands(links.size() - most) + " more ...";
    links.erase(gap + 1, links.end() - 1);
  }
  out += "    await chain: ";
  std::size_t column = 17;
  for (const std::string& link : links) {
    if (&link != &links.front()) {
      if (column + arrow.size() + link.size() > longest) {
        out += next_line;
        column = next_line.size() - 1;
      }
      out += arrow;
      column += arrow.size();
    }
    out += link;
    column += link.size();
  }
  out += '\n';
}

/// Appends what a suspended coroutine awaits, and its await chain: `session(int) src/session.cpp:18 <- serve()`.
inline void append_awaiting(std::string& out, const straggler& s, const report_limits& limits) {
  if (!s.waits_on.kind.empty()) {
    out += "    awaits ";
    const std::size_t before = out.size();
    constexpr std::size_t address_and_detail = 90;
    out += shown_name(s.waits_on.kind, address_and_detail, limits);
    if (s.waits_on.address != 0) out += fmt::format(" {:#x}", s.waits_on.address);
    if (!s.waits_on.detail.empty()) {
      out += ", ";
      append_awaited(out, s.waits_on.detail, 15 + out.size() - before, limits);
    }
    out += '\n';
  }
  append_await_chain(out, s.stack, limits);
}

/// Appends `, fd 5 goes off in 4 min 59 s` for each timer among the descriptors that is not what ends the wait.
inline void append_timers(std::string& out, const straggler_group& group) {
  for (const descriptor& d : group.first->waits_on.descriptors) {
    if (!d.goes_off_in || (group.time_left && *group.time_left <= *d.goes_off_in + std::chrono::seconds(1))) continue;
    out += fmt::format(", fd {} goes off in ", d.number);
    append_duration(out, *d.goes_off_in);
  }
}

/// Appends `waits on std::condition_variable 0x5576... (app::ready), detail, for another 3.2 s`, or `... 0x5576..., in a 104-byte
/// block`; the number is an address, or a decimal number of the kernel's, as the kind says.
inline void append_wait_object(std::string& out, const straggler_group& group, const report_limits& limits) {
  const wait_object& object = group.first->waits_on;
  if (object.kind.empty() && !group.time_left) return;
  out += "    waits";
  if (!object.kind.empty()) {
    out += " on ";
    append_on_one_line(out, object.kind);
    if (is_numbered(object.kind))
      out += fmt::format(" {}", object.address);
    else if (object.address != 0)
      out += fmt::format(" {:#x}", object.address);
    if (!object.name.empty()) out.append(" (").append(shown_name(object.name, limits.line / 2, limits)).append(1, ')');
    if (object.block_size != 0) out += fmt::format(", in a {}-byte block", object.block_size);
    if (const frame* const f = first_shown(object.allocated_by)) append_place(out += ", allocated at ", *f);
    if (!object.detail.empty()) {
      const bool is_name = object.detail.front() == '"' || object.detail.front() == '(';
      out += is_name ? " " : ", ";
      append_on_one_line(out, object.detail);
    }
    append_timers(out, group);
    if (group.time_left) out.push_back(',');
  }
  if (group.time_left) {
    out += group.count() == 1 ? " for another " : " for at most another ";
    append_duration(out, *group.time_left);
  }
  out += '\n';
}

/// Appends the creators of a straggler's creator: ` (created by main thread in Feed.Closes)`, or, of one that has ended,
/// `, which ended, created by main thread in Feed.Closes`.
inline void append_ancestry(std::string& out, const straggler& s, std::size_t from) {
  const bool ended = from < s.ancestry.size() && s.ancestry[from].has_ended;
  const bool has_creator = from + 1 < s.ancestry.size();
  if (ended) out += ", which ended,";
  if (has_creator) {
    const creator& next = s.ancestry[from + 1];
    out += ended ? " created by " : " (created by ";
    out += next.is_main ? name_of_main_thread : fmt::format("thread {}", next.id);
    append_ancestry(out, s, from + 1);
    if (!ended) out.push_back(')');
  } else if (!s.scope.empty()) {
    out += " in ";
    append_on_one_line(out, s.scope);
  } else if (ended) {
    out.pop_back();
  }
}

/// Appends `created by thread 48213 (created by main thread in Feed.Closes)` and the creation stack. A group may have several
/// creators.
inline void append_creation(std::string& out, const straggler_group& group, std::size_t column, const report_limits& limits) {
  const straggler& s = *group.first;
  if (!s.created_by.empty()) {
    out += "    created by ";
    append_on_one_line(out, s.created_by);
    const std::size_t others = group.creators - 1;
    if (others > 0) out += fmt::format(" and {} {}", others, others == 1 ? "other" : "others");
    if (s.created_by != "unknown") append_ancestry(out, s, 0);
    out += '\n';
  }
  append_stack(out, s.creation_stack, column, limits);
}

/// Appends all that is known of one group.
inline void append_block(std::string& out, const straggler_group& group, const report_limits& limits) {
  const straggler& s = *group.first;
  const std::size_t column = function_column(s, limits);
  append_header(out, group, limits);
  append_group_size(out, group);
  append_holders(out, s, limits);
  if (s.kind == task_kind::coroutine) {
    append_awaiting(out, s, limits);
  } else {
    append_wait_object(out, group, limits);
    append_stack(out, s.stack, column, limits);
  }
  if (!s.stack_note.empty()) {
    out += "    (";
    append_on_one_line(out, s.stack_note);
    out += ")\n";
  }
  append_creation(out, group, column, limits);
  if (!s.hint.empty()) {
    out += "    hint: ";
    append_on_one_line(out, s.hint);
    out += '\n';
  }
}

}  // namespace taskleak::inline v0::detail

#endif
