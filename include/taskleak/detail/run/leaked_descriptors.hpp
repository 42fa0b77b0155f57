// SPDX-License-Identifier: MIT
/// \file Finds the file descriptors that a test has left open: TASKLEAK_OPTIONS=leaked_fds=1.
#ifndef TASKLEAK_DETAIL_RUN_LEAKED_DESCRIPTORS_HPP
#define TASKLEAK_DETAIL_RUN_LEAKED_DESCRIPTORS_HPP

#include <taskleak/detail/platform/choice.hpp>
#include <taskleak/detail/registry/scope.hpp>

#include <string>

#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/base/visible.hpp>
#include <taskleak/detail/inspect/descriptors.hpp>
#include <taskleak/detail/inspect/wait_words.hpp>
#include <taskleak/detail/platform/open_descriptors.hpp>
#include <taskleak/detail/platform/system.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>
#endif

namespace taskleak::inline v0::detail {

#if defined(TASKLEAK_ON_LINUX)
/// Holds the descriptors that were open when a scope began.
struct open_descriptors {
  std::vector<std::pair<int, std::string>> all = list_open_descriptors();
};

inline void note_descriptors(scope& opened) { opened.descriptors = new open_descriptors; }

inline void forget_descriptors(scope& ended) noexcept { delete std::exchange(ended.descriptors, nullptr); }

/// Returns those of `now` that were not there before. A descriptor is known by its number and what is behind it; one of another
/// number, by what is behind it: who closes a file and opens it again leaves nothing.
inline std::vector<int> added_since(const std::vector<std::pair<int, std::string>>& before,
                                    const std::vector<std::pair<int, std::string>>& now) {
  std::map<std::string, int> gone;
  for (const auto& one : before)
    if (!std::binary_search(now.begin(), now.end(), one)) ++gone[one.second];
  const std::string own = "/proc/" + std::to_string(current_pid()) + "/task";  // see task_directory
  std::vector<int> added;
  for (const auto& one : now) {
    if (std::binary_search(before.begin(), before.end(), one) || one.second == own) continue;
    const auto same = gone.find(one.second);
    if (same != gone.end() && same->second > 0)
      --same->second;
    else
      added.push_back(one.first);
  }
  return added;
}

/// Returns what a scope has left open, in words; empty if that is nothing, or the scope is not watched.
inline std::string leaked_descriptors(scope& ended) {
  if (!ended.descriptors) return {};
  const std::unique_ptr<open_descriptors> before(std::exchange(ended.descriptors, nullptr));
  auto now = list_open_descriptors();
  std::sort(now.begin(), now.end());
  std::sort(before->all.begin(), before->all.end());
  const std::vector<int> added = added_since(before->all, now);
  if (added.empty()) return {};
  std::string text;
  append_on_one_line(text, ended.name ? ended.name : "");
  text += fmt::format(" left {} file descriptor{} open\n", added.size(), added.size() == 1 ? "" : "s");
  for (const int fd : added) {
    text += fmt::format("    fd {} ", fd);
    append_on_one_line(text, in_words(look_at_descriptor(fd)));
    text += '\n';
  }
  return text;
}
#else
/// Does nothing: nobody lists the descriptors of a process here.
inline void note_descriptors(scope&) noexcept {}
inline void forget_descriptors(scope&) noexcept {}
inline std::string leaked_descriptors(scope&) { return {}; }
#endif

}  // namespace taskleak::inline v0::detail

#endif
