// SPDX-License-Identifier: MIT
/// \file Makes JSON values of what a report holds, by nlohmann-json: a member for each field, and none left out.
#ifndef TASKLEAK_DETAIL_REPORT_JSON_VALUES_HPP
#define TASKLEAK_DETAIL_REPORT_JSON_VALUES_HPP

#include <taskleak/detail/base/digits.hpp>
#include <taskleak/detail/base/visible.hpp>
#include <taskleak/format.hpp>
#include <taskleak/report.hpp>

#if !__has_include(<nlohmann/json.hpp>)
#error "taskleak: this format needs nlohmann-json (Debian and Ubuntu: nlohmann-json3-dev; CMake: link taskleak::json)"
#endif
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Keeps the members in the order in which they are added: a file of a run is read by people, too.
using json_value = nlohmann::ordered_json;

/// Returns the text as a string of JSON, which has to be UTF-8: any other byte, and each character that is a command to a
/// terminal, is a backslash and its number.
inline json_value text_value(std::string_view text) { return on_one_line(text); }

/// Returns a text of several lines, each of them as text_value() has it, with `between` in the place of each line's end.
inline json_value lines_value(std::string_view text, std::string_view between = "\n") {
  std::string made;
  for (std::size_t end = 0; end != text.npos; text.remove_prefix(std::min(end + 1, text.size()))) {
    end = text.find('\n');
    append_on_one_line(made, text.substr(0, end));
    if (end != text.npos) made += between;
  }
  return made;
}

inline json_value texts_value(const std::vector<std::string>& all) {
  json_value made = json_value::array();
  for (const std::string& one : all) made.push_back(text_value(one));
  return made;
}

/// Returns an address as `"0x7f…"`: a number of JSON has 53 bits in most programs that read it.
inline json_value address_value(std::uintptr_t address) { return std::string("0x").append(digits(address, 16).view()); }

inline const char* word_of(wait_relation relation) noexcept {
  switch (relation) {
    case wait_relation::owner: return "owner";
    case wait_relation::joined: return "joined";
    case wait_relation::awaited: break;
  }
  return "awaited";
}

inline const char* word_of(report_kind kind) noexcept {
  switch (kind) {
    case report_kind::hang: return "hang";
    case report_kind::unrest: return "unrest";
    case report_kind::leak: break;
  }
  return "leak";
}

template <class All, class Make>
json_value array_value(const All& all, Make&& make) {
  json_value made = json_value::array();
  for (const auto& one : all) made.push_back(make(one));
  return made;
}

inline json_value to_value(const frame& f) {
  return {{"function", text_value(f.function)},
          {"file", text_value(f.file)},
          {"line", f.line},
          {"module", text_value(f.module)},
          {"address", address_value(f.address)},
          {"plumbing", f.plumbing},
          {"inlined", f.inlined}};
}

inline json_value stack_value(const std::vector<frame>& stack) {
  return array_value(stack, [](const frame& f) { return to_value(f); });
}

inline json_value to_value(const descriptor& d) {
  return {{"number", d.number},
          {"target", text_value(d.target)},
          {"protocol", text_value(d.protocol)},
          {"local", text_value(d.local)},
          {"peer", text_value(d.peer)},
          {"is_listening", d.is_listening},
          {"detail", text_value(d.detail)},
          {"goes_off_in_ns", d.goes_off_in ? json_value(d.goes_off_in->count()) : json_value()},
          {"watched_by", d.watched_by}};
}

inline json_value to_value(const wait_object& o) {
  return {{"kind", text_value(o.kind)},
          {"address", address_value(o.address)},
          {"name", text_value(o.name)},
          {"detail", text_value(o.detail)},
          {"owner", o.owner},
          {"readers", o.readers},
          {"descriptors", array_value(o.descriptors, [](const descriptor& d) { return to_value(d); })},
          {"waiter_pool_of", text_value(o.waiter_pool_of)},
          {"block_size", o.block_size},
          {"allocated_by", stack_value(o.allocated_by)}};
}

inline json_value to_value(const awaited_task& t) {
  return {{"relation", word_of(t.relation)}, {"kind", to_string(t.kind)}, {"id", t.id},
          {"name", text_value(t.name)},      {"is_main", t.is_main},      {"has_ended", t.has_ended}};
}

inline json_value to_value(const creator& c) { return {{"id", c.id}, {"is_main", c.is_main}, {"has_ended", c.has_ended}}; }

inline json_value to_value(const straggler& s) {
  return {{"kind", to_string(s.kind)},
          {"id", s.id},
          {"name", text_value(s.name)},
          {"is_main", s.is_main},
          {"state", to_string(s.state)},
          {"state_text", text_value(s.state_text)},
          {"parked_for_ns", s.parked_for.count()},
          {"time_left_ns", s.time_left ? json_value(s.time_left->count()) : json_value()},
          {"scope", text_value(s.scope)},
          {"verdict", s.verdict == verdict::none ? "none" : to_string(s.verdict)},
          {"reason", text_value(s.reason)},
          {"owned_by", text_value(s.owned_by)},
          {"holders", texts_value(s.holders)},
          {"held_by", s.held_by},
          {"hint", text_value(s.hint)},
          {"wakes", s.wakes},
          {"waits_on", to_value(s.waits_on)},
          {"waits_for", array_value(s.waits_for, [](const awaited_task& t) { return to_value(t); })},
          {"stack", stack_value(s.stack)},
          {"stack_note", text_value(s.stack_note)},
          {"created_by", text_value(s.created_by)},
          {"ancestry", array_value(s.ancestry, [](const creator& c) { return to_value(c); })},
          {"creation_stack", stack_value(s.creation_stack)},
          {"alike", {{"ids", s.alike.ids}, {"longest_ns", s.alike.longest.count()}, {"objects", s.alike.objects}}}};
}

inline json_value to_value(const ignored_task& t) {
  return {{"kind", to_string(t.kind)},         {"id", t.id},       {"name", text_value(t.name)},
          {"reason", text_value(t.reason)},    {"count", t.count}, {"is_owned", t.is_owned},
          {"owned_by", text_value(t.owned_by)}};
}

/// Returns a group; `first` is the number of its first straggler in the report.
inline json_value to_value(const straggler_group& g, const report& found) {
  return {{"first", g.first - found.stragglers.data()},
          {"count", g.count()},
          {"ids", g.ids},
          {"longest_ns", g.longest.count()},
          {"time_left_ns", g.time_left ? json_value(g.time_left->count()) : json_value()},
          {"wakes", g.wakes},
          {"objects", g.objects},
          {"creators", g.creators}};
}

inline json_value to_value(const report& found, bool all_frames) {
  return {{"kind", word_of(found.kind)},
          {"scope", text_value(found.scope)},
          {"file", text_value(found.file)},
          {"line", found.line},
          {"headline", text_value(headline_of(found))},
          {"fails", found.fails},
          {"stragglers", array_value(found.stragglers, [](const straggler& s) { return to_value(s); })},
          {"groups", array_value(fold(found, all_frames), [&](const straggler_group& g) { return to_value(g, found); })},
          {"ignored", array_value(found.ignored, [](const ignored_task& t) { return to_value(t); })},
          {"errors", texts_value(found.errors)},
          {"notes", texts_value(found.notes)}};
}

}  // namespace taskleak::inline v0::detail

#endif
