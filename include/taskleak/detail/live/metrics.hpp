// SPDX-License-Identifier: MIT
/// \file Writes the numbers of tasks in Prometheus' text format, version 0.0.4.
#ifndef TASKLEAK_DETAIL_LIVE_METRICS_HPP
#define TASKLEAK_DETAIL_LIVE_METRICS_HPP

#include <taskleak/detail/base/visible.hpp>
#include <taskleak/detail/live/quoted.hpp>
#include <taskleak/detail/run/look_at_program.hpp>
#include <taskleak/task.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace taskleak::inline v0::detail {

inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

inline std::string metrics_text(const task_counts& counts) {
  std::string text =
      "# HELP taskleak_tasks Tasks that are alive, but for the main thread, by kind and by what they are doing.\n"
      "# TYPE taskleak_tasks gauge\n";
  for (const auto& [of, count] : counts.by_state) {
    text.append("taskleak_tasks{kind=\"").append(to_string(of.first)).append("\",state=");
    append_quoted(text, of.second);
    text.append("} ").append(std::to_string(count)).append(1, '\n');
  }
  const auto append_total = [&](std::string_view name, std::string_view help, std::uint64_t task_counts::of_kind::*which) {
    text.append("# HELP ").append(name).append(1, ' ').append(help).append("\n# TYPE ").append(name).append(" counter\n");
    for (const task_kind kind : {task_kind::coroutine, task_kind::thread})
      text.append(name)
          .append("{kind=\"")
          .append(to_string(kind))
          .append("\"} ")
          .append(std::to_string((kind == task_kind::thread ? counts.threads : counts.coroutines).*which))
          .append(1, '\n');
  };
  append_total("taskleak_tasks_created_total", "Tasks that were created.", &task_counts::of_kind::created);
  append_total("taskleak_tasks_finished_total", "Created tasks that are over: joined or detached threads, destroyed coroutines.",
               &task_counts::of_kind::finished);
  return text;
}

}  // namespace taskleak::inline v0::detail

#endif
