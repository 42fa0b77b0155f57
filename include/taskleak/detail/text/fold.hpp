// SPDX-License-Identifier: MIT
/// \file Groups stragglers that a reader would call the same.
#ifndef TASKLEAK_DETAIL_TEXT_FOLD_HPP
#define TASKLEAK_DETAIL_TEXT_FOLD_HPP

#include <taskleak/report.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace taskleak::inline v0::detail {

/// What is told of tasks that are alike beside the one that is described.
struct alike_tasks {
  static constexpr std::size_t max_ids = 8;

  std::size_t count = 0;
  std::chrono::nanoseconds longest{0};
  std::uint64_t ids[max_ids] = {};  ///< of the first ones

  void add(std::uint64_t id, std::chrono::nanoseconds parked_for) noexcept {
    if (count < max_ids) ids[count] = id;
    ++count;
    if (parked_for > longest) longest = parked_for;
  }

  void add(const alike_tasks& more) noexcept {
    const std::size_t listed = std::min(more.count, max_ids);
    for (std::size_t i = 0; i < listed; ++i) add(more.ids[i], more.longest);
    count += more.count - listed;
  }
};

/// Those that are not described themselves.
using alike_coroutines = std::unordered_map<std::uint64_t, alike_tasks>;  ///< by the id of the one that is described

/// Stragglers that differ only in numbers.
struct straggler_group : alike_tasks {
  explicit straggler_group(const straggler& s) noexcept : first(&s) {}

  const straggler* first;
};

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Whether the texts are the same when every row of digits counts as one: "worker 9" and "worker 10".
constexpr bool equal_but_for_numbers(std::string_view a, std::string_view b) noexcept {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      while (i < a.size() && is_digit(a[i])) ++i;
      while (j < b.size() && is_digit(b[j])) ++j;
    } else if (a[i++] != b[j++]) {
      return false;
    }
  }
  return i == a.size() && j == b.size();
}

/// Whether the parts of two stacks that are shown are the same functions and lines.
inline bool equal_as_shown(const std::vector<frame>& a, const std::vector<frame>& b) noexcept {
  std::size_t i = 0;
  std::size_t j = 0;
  for (;; ++i, ++j) {
    while (i < a.size() && a[i].plumbing) ++i;
    while (j < b.size() && b[j].plumbing) ++j;
    if (i == a.size() || j == b.size()) return i == a.size() && j == b.size();
    if (a[i].line != b[j].line || a[i].function != b[j].function || a[i].file != b[j].file) return false;
  }
}

inline bool equal_but_for_numbers(const straggler& a, const straggler& b) noexcept {
  return a.kind == b.kind && a.state_text == b.state_text && a.scope == b.scope && equal_but_for_numbers(a.name, b.name) &&
         equal_but_for_numbers(a.created_by, b.created_by) && equal_but_for_numbers(a.stack_note, b.stack_note) &&
         a.waits_on.kind == b.waits_on.kind && a.hint == b.hint && equal_as_shown(a.stack, b.stack) &&
         equal_as_shown(a.creation_stack, b.creation_stack);
}

/// Hashes what equal_but_for_numbers() compares without the rows of digits.
inline std::size_t hash_of(const straggler& s) noexcept {
  const std::hash<std::string_view> hash_text;
  std::size_t hash = hash_text(s.state_text);
  const auto mix = [&hash](std::size_t value) { hash = (hash ^ value) * 0x9e3779b97f4a7c15u + (hash >> 29); };
  const auto mix_name = [&](std::string_view name) {
    for (std::size_t i = 0; i < name.size();) {
      if (is_digit(name[i])) {
        mix('0');
        while (i < name.size() && is_digit(name[i])) ++i;
      } else {
        const std::size_t start = i;
        while (i < name.size() && !is_digit(name[i])) ++i;
        mix(hash_text(name.substr(start, i - start)));
      }
    }
  };
  const auto mix_stack = [&](const std::vector<frame>& stack) {
    for (const frame& f : stack) {
      if (f.plumbing) continue;
      mix(hash_text(f.function));
      mix(f.line);
    }
    mix('|');
  };
  mix_name(s.name);
  mix(hash_text(s.scope));
  mix_stack(s.stack);
  mix_stack(s.creation_stack);
  return hash;
}

/// Finds groups by hash: open addressing over a table of a power of two, at most half full.
class group_index {
 public:
  explicit group_index(std::size_t stragglers) {
    std::size_t size = 16;
    while (size < 2 * stragglers) size *= 2;
    slots_.resize(size);
  }

  /// Returns the place of the group that is `same`, or the free place where it belongs: 0 there, otherwise its number plus one.
  template <class Same>
  std::size_t& find(std::size_t hash, Same&& same) {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
      slot& s = slots_[at];
      if (s.group == 0) s.hash = hash;
      if (s.group == 0 || (s.hash == hash && same(s.group - 1))) return s.group;
    }
  }

 private:
  struct slot {
    std::size_t hash = 0;
    std::size_t group = 0;
  };
  std::vector<slot> slots_;
};

/// Groups the stragglers, in the order of each group's first. The groups point into the vector.
inline std::vector<straggler_group> fold(const std::vector<straggler>& all, const alike_coroutines& more = {}) {
  std::vector<straggler_group> groups;
  group_index index(all.size());
  for (const straggler& s : all) {
    std::size_t& number = index.find(hash_of(s), [&](std::size_t g) { return equal_but_for_numbers(*groups[g].first, s); });
    if (number == 0) {
      groups.emplace_back(s);
      number = groups.size();
    }
    straggler_group& group = groups[number - 1];
    group.add(s.id, s.parked_for);
    if (s.kind != task_kind::coroutine) continue;
    if (const auto alike = more.find(s.id); alike != more.end()) group.add(alike->second);
  }
  return groups;
}

}  // namespace taskleak::inline v0::detail

#endif
