// SPDX-License-Identifier: MIT
/// \file Groups stragglers that a reader would call the same. Defines fold() as an ordinary function: taskleak/runtime.hpp
/// includes this file, and no other header does.
///
/// A block of a report has to be true of each straggler that it stands for. So stragglers are alike if they differ in numbers
/// only, such as "worker 9" and "worker 10", but wait for the same object with the same holder. Coroutines may be a million, each
/// at a timer of its own: alike coroutines that await many different things are one group, which says so.
#ifndef TASKLEAK_DETAIL_REPORT_FOLD_HPP
#define TASKLEAK_DETAIL_REPORT_FOLD_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/group_index.hpp>
#include <taskleak/detail/base/hash_mix.hpp>
#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/inspect/alike_tasks.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace taskleak::inline v0 {

namespace detail {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Whether the texts are the same when every row of digits counts as equal: "worker 9" and "worker 10".
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

/// Whether the shown parts of both stacks are the same functions and lines.
inline bool equal_as_shown(const std::vector<frame>& a, const std::vector<frame>& b, bool all_frames) noexcept {
  std::size_t i = 0;
  std::size_t j = 0;
  for (;; ++i, ++j) {
    while (i < a.size() && a[i].plumbing && !all_frames) ++i;
    while (j < b.size() && b[j].plumbing && !all_frames) ++j;
    if (i == a.size() || j == b.size()) return i == a.size() && j == b.size();
    if (a[i].line != b[j].line || a[i].function != b[j].function || a[i].file != b[j].file) return false;
  }
}

/// Whether both objects are the same, with the same holder.
inline bool wait_for_the_same(const wait_object& a, const wait_object& b) noexcept {
  return a.address == b.address && a.owner == b.owner && a.detail == b.detail;
}

/// Whether the creators' creators are the same, and whether the creators have ended.
inline bool have_the_same_ancestry(const std::vector<creator>& a, const std::vector<creator>& b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i].has_ended != b[i].has_ended || (i > 0 && a[i].id != b[i].id)) return false;
  return true;
}

/// Whether the reason of the verdict says no more than the numbers of straggler::time_left and straggler::wakes do.
inline bool has_reason_of_numbers(const straggler& s) noexcept {
  return s.verdict == verdict::self_ending || s.verdict == verdict::polling;
}

/// Whether both stragglers are the same but for numbers and what they wait for.
inline bool equal_but_for_numbers(const straggler& a, const straggler& b, bool all_frames) noexcept {
  return a.kind == b.kind && a.state_text == b.state_text && a.time_left.has_value() == b.time_left.has_value() &&
         a.scope == b.scope && equal_but_for_numbers(a.name, b.name) && equal_but_for_numbers(a.created_by, b.created_by) &&
         equal_but_for_numbers(a.stack_note, b.stack_note) && a.waits_on.kind == b.waits_on.kind && a.verdict == b.verdict &&
         (has_reason_of_numbers(a) || a.reason == b.reason) && a.hint == b.hint &&
         have_the_same_ancestry(a.ancestry, b.ancestry) && equal_as_shown(a.stack, b.stack, all_frames) &&
         equal_as_shown(a.creation_stack, b.creation_stack, all_frames);
}

/// Hashes what equal_but_for_numbers() compares without the rows of digits.
inline std::size_t hash_of(const straggler& s) noexcept {
  const std::hash<std::string_view> hash_text;
  std::size_t hash = hash_text(s.state_text);
  const auto mix = [&hash](std::size_t value) { mix_into(hash, value); };
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
  if (s.kind == task_kind::thread) mix(s.waits_on.address);
  return hash;
}

/// Collects the things that the members of one group wait for, each once, up to a few more than are shown apart.
class few_objects {
 public:
  void add(const wait_object& object) {
    if (seen_.size() > most_objects_apart) return;
    for (const wait_object* known : seen_)
      if (wait_for_the_same(*known, object)) return;
    seen_.push_back(&object);
  }

  /// Whether each thing has a block of its own. Awaited coroutines need none: their own chain shows who awaits them.
  bool are_shown_apart() const noexcept {
    return seen_.size() <= most_objects_apart &&
           detail::all_of(seen_.begin(), seen_.end(), [](const wait_object* o) { return o->detail.empty(); });
  }

 private:
  light_vector<const wait_object*> seen_;
};

/// Holds groups as they grow: what their members wait for and who created these, each once.
class growing_groups {
 public:
  std::size_t begin(const straggler& s) {
    groups_.emplace_back().first = &s;
    members_.emplace_back();
    return groups_.size() - 1;
  }

  /// Adds a straggler, and the tasks that it stands for, to a group. With `apart`, all of a group wait for the same thing.
  void add(std::size_t number, const straggler& s, bool apart) {
    straggler_group& group = groups_[number];
    group.ids.push_back(s.id);
    group.ids.insert(group.ids.end(), s.alike.ids.begin(), s.alike.ids.end());
    group.longest = std::max({group.longest, s.parked_for, s.alike.longest});
    group.wakes = std::max(group.wakes, s.wakes);
    if (s.time_left && (!group.time_left || *s.time_left > *group.time_left)) group.time_left = s.time_left;
    group.objects = std::max(group.objects, s.alike.objects);
    add_once(members_[number].creators, {0, s.created_by});
    if (!apart) add_once(members_[number].awaited, {s.waits_on.address, s.waits_on.detail});
  }

  const straggler& first_of(std::size_t number) const noexcept { return *groups_[number].first; }
  std::vector<straggler_group> take() {
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      groups_[i].creators = count_once(members_[i].creators);
      groups_[i].objects = std::max(groups_[i].objects, count_once(members_[i].awaited));
    }
    return std::move(groups_);
  }

 private:
  /// Tells things apart: by an address, or by a text, or by both.
  struct thing {
    std::uintptr_t address;
    std::string_view text;
    bool operator==(const thing&) const = default;
  };
  struct members {
    light_vector<thing> creators;
    light_vector<thing> awaited;
  };

  /// Adds a thing, which may be there already, if not as the last one.
  static void add_once(light_vector<thing>& all, thing one) {
    if (all.empty() || all.back() != one) all.push_back(one);
  }

  static std::size_t count_once(light_vector<thing>& all) {
    detail::sort(all,
                 [](const thing& a, const thing& b) { return a.address != b.address ? a.address < b.address : a.text < b.text; });
    return static_cast<std::size_t>(std::unique(all.begin(), all.end()) - all.begin());
  }

  std::vector<straggler_group> groups_;
  light_vector<members> members_;
};

}  // namespace detail

// why first groups that disregard what is waited for: whether alike coroutines are one group or several depends on how many
// things they await. Threads that wait for different things are never one group.
std::vector<straggler_group> fold(const report& found, bool all_frames) {
  using namespace detail;
  const std::vector<straggler>& all = found.stragglers;
  std::vector<std::size_t> alike_as(all.size());
  std::vector<const straggler*> firsts;
  group_index index(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const straggler& s = all[i];
    std::size_t& number = index.find(hash_of(s), [&](std::size_t g) {
      return equal_but_for_numbers(*firsts[g], s, all_frames) &&
             (s.kind == task_kind::coroutine || wait_for_the_same(firsts[g]->waits_on, s.waits_on));
    });
    if (number == 0) {
      firsts.push_back(&s);
      number = firsts.size();
    }
    alike_as[i] = number - 1;
  }
  light_vector<few_objects> objects(firsts.size());
  for (std::size_t i = 0; i < all.size(); ++i) objects[alike_as[i]].add(all[i].waits_on);

  growing_groups groups;
  std::vector<std::vector<std::size_t>> parts(firsts.size());  // the groups that each has become
  for (std::size_t i = 0; i < all.size(); ++i) {
    const straggler& s = all[i];
    const bool apart = objects[alike_as[i]].are_shown_apart();
    std::vector<std::size_t>& of_these = parts[alike_as[i]];
    auto part = detail::find_if(of_these.begin(), of_these.end(), [&](std::size_t g) {
      return !apart || wait_for_the_same(groups.first_of(g).waits_on, s.waits_on);
    });
    if (part == of_these.end()) part = of_these.insert(part, groups.begin(s));
    groups.add(*part, s, apart);
  }
  return groups.take();
}

}  // namespace taskleak::inline v0

#endif
