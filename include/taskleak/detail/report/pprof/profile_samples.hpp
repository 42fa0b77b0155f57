// SPDX-License-Identifier: MIT
/// \file Makes the samples of a profile: one for tasks that have the same stack and are alike in what labels say.
#ifndef TASKLEAK_DETAIL_REPORT_PPROF_PROFILE_SAMPLES_HPP
#define TASKLEAK_DETAIL_REPORT_PPROF_PROFILE_SAMPLES_HPP

#include <taskleak/detail/report/pprof/profile_writer.hpp>
#include <taskleak/report.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Collects the samples of one report, or of the difference of two.
class profile_samples {
 public:
  explicit profile_samples(profile_writer& to) : to_(to) {}

  /// Adds the tasks of a report; with `sign` -1 takes them away.
  void add(const report& found, const report_limits& limits, int sign = 1) {
    for (const straggler& s : found.stragglers) add(s, limits.all_frames, sign);
  }

  /// Writes the samples. One that is 0 in all its values is left out.
  void write() {
    const auto label = [&](const char* name) { return to_.text(name); };
    for (const auto& [of, all] : sums_) {
      if (all.tasks == 0 && all.parked_ns == 0) continue;
      std::vector<std::pair<text_number, text_number>> labels = {{label("kind"), of.kind}, {label("state"), of.state}};
      if (of.verdict != 0) labels.emplace_back(label("verdict"), of.verdict);
      if (of.scope != 0) labels.emplace_back(label("scope"), of.scope);
      if (of.name != 0) labels.emplace_back(label("name"), of.name);
      to_.add_sample(of.stack, {all.tasks, all.parked_ns}, labels);
    }
  }

 private:
  using text_number = profile_writer::text_number;

  struct key {
    text_number kind, state, verdict, scope, name;
    std::vector<std::uint64_t> stack;

    friend auto operator<=>(const key&, const key&) = default;
  };
  struct sum {
    std::int64_t tasks = 0;
    std::int64_t parked_ns = 0;
  };

  void add(const straggler& s, bool plumbing_too, int sign) {
    key of{to_.text(to_string(s.kind)), to_.text(s.state_text), to_.text(to_string(s.verdict)),
           to_.text(s.scope),           to_.text(s.name),       places(s, plumbing_too)};
    // a thread that has nothing but plumbing on its stack idles in it
    if (of.stack.empty()) of.stack = to_.places(s.stack, true);
    if (of.stack.empty()) of.stack = to_.places({without_stack(s)}, true);
    sum& all = sums_[std::move(of)];
    const auto count = static_cast<std::int64_t>(1 + s.alike.ids.size());
    all.tasks += sign * count;
    all.parked_ns += sign * count * s.parked_for.count();
  }

  /// Returns the numbers of the stack's places. A coroutine that a thread waits for ends with that thread, which is shown without
  /// its id: coroutines of one stack are one sample, and have the same in another profile.
  std::vector<std::uint64_t> places(const straggler& s, bool plumbing_too) {
    const bool ends_with_thread =
        s.kind == task_kind::coroutine && !s.stack.empty() && s.stack.back().function.starts_with("thread ");
    if (!ends_with_thread) return to_.places(s.stack, plumbing_too);
    std::vector<frame> stack = s.stack;
    std::string& thread = stack.back().function;
    const std::size_t name = thread.find('"');
    thread = name == thread.npos ? "thread" : "thread " + thread.substr(name);
    return to_.places(stack, plumbing_too);
  }

  /// Stands for a stack that is not known: pprof shows nothing of a sample without one.
  static frame without_stack(const straggler& s) {
    frame instead;
    instead.function = "(no stack: " + (s.stack_note.empty() ? s.state_text : s.stack_note) + ")";
    return instead;
  }

  profile_writer& to_;
  std::map<key, sum> sums_;
};

}  // namespace taskleak::inline v0::detail

#endif
