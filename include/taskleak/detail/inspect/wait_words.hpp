// SPDX-License-Identifier: MIT
/// \file Puts what is known of a wait into words; not where the rest of the text is made, since a rule's predicate may ask for
/// these words.
#ifndef TASKLEAK_DETAIL_INSPECT_WAIT_WORDS_HPP
#define TASKLEAK_DETAIL_INSPECT_WAIT_WORDS_HPP

#include <taskleak/detail/registry/current.hpp>
#include <taskleak/report.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace taskleak::inline v0::detail {

/// Returns `thread 48213 "feed"`.
inline std::string thread_in_words(std::uint64_t tid, std::string_view name) {
  return "thread " + std::to_string(tid) + " \"" + std::string(name) + '"';
}

/// Returns ` in serve() src/server.cpp:80`.
inline std::string place_in_words(const frame& f) {
  std::string words = " in " + f.function;
  if (!f.file.empty()) words.append(1, ' ').append(f.file).append(1, ':').append(std::to_string(f.line));
  return words;
}

/// Returns `main thread`, `thread 48213 "feed"`, `thread 48213, which has ended`, or `coroutine 912 session(int)`.
inline std::string in_words(const awaited_task& other) {
  if (other.kind == task_kind::coroutine) return "coroutine " + std::to_string(other.id) + ' ' + other.name;
  if (other.is_main) return name_of_main_thread;
  if (!other.name.empty()) return thread_in_words(other.id, other.name);
  return "thread " + std::to_string(other.id) + (other.has_ended ? ", which has ended" : "");
}

/// Returns `(pipe:[4711])`, or `(socket:[4711], tcp 127.0.0.1:8080, peer 127.0.0.1:53412)`; empty if nothing is known.
inline std::string in_words(const descriptor& d) {
  std::string words = d.target;
  if (!d.protocol.empty()) {
    words.append(words.empty() ? "" : ", ").append(d.protocol);
    if (!d.local.empty()) words.append(1, ' ').append(d.local);
    if (d.is_listening) words += ", listening";
    if (!d.peer.empty()) words.append(", peer ").append(d.peer);
  }
  if (!d.detail.empty()) words.append(words.empty() ? "" : ", ").append(d.detail);
  return words.empty() ? words : '(' + words + ')';
}

/// Returns the first few descriptors in words: `fd 5 (pipe:[4711]), fd 7 (...) and 12 more`.
inline std::string in_words(std::span<const descriptor> all) {
  constexpr std::size_t most = 4;
  std::string words;
  for (std::size_t i = 0; i < all.size() && i < most; ++i) {
    words.append(i > 0 ? ", fd " : "fd ").append(std::to_string(all[i].number));
    if (const std::string target = in_words(all[i]); !target.empty()) words.append(1, ' ').append(target);
  }
  if (all.size() > most) words.append(" and ").append(std::to_string(all.size() - most)).append(" more");
  return words;
}

/// Returns what is behind the descriptor of a wait: `(pipe:[4711])`; for a poll or an epoll wait all awaited descriptors.
inline std::string descriptors_in_words(const wait_object& object) {
  const std::span<const descriptor> all = object.descriptors;
  if (all.empty()) return {};
  if (all.size() == 1) return in_words(all.front());
  if (all[1].watched_by == all.front().number) return in_words(all.front()) + " for " + in_words(all.subspan(1));
  return in_words(all).substr(("fd " + std::to_string(all.front().number) + ' ').size());
}

/// Sets wait_object::detail from the other fields.
inline void put_wait_into_words(straggler& s) {
  wait_object& object = s.waits_on;
  std::string& words = object.detail = descriptors_in_words(object);
  const auto add = [&](std::string_view more) { words.append(words.empty() ? "" : ", ").append(more); };
  if (!object.waiter_pool_of.empty() && !object.kind.starts_with("an atomic"))
    add("an atomic, by " + object.waiter_pool_of + "'s waiter pool");
  if (object.readers > 0) add("held by " + std::to_string(object.readers) + (object.readers == 1 ? " reader" : " readers"));
  for (const awaited_task& other : s.waits_for) {
    switch (other.relation) {
      case wait_relation::owner: add("held by " + in_words(other)); break;
      case wait_relation::joined:
        if (!other.name.empty()) add('"' + other.name + '"');
        break;
      case wait_relation::awaited: add((s.kind == task_kind::thread ? "for " : "") + in_words(other)); break;
    }
  }
}

}  // namespace taskleak::inline v0::detail

#endif
