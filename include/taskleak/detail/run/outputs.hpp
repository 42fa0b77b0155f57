// SPDX-License-Identifier: MIT
/// \file Keeps what the checks of a run find where a format of whole runs asks for it, and writes it at the end.
#ifndef TASKLEAK_DETAIL_RUN_OUTPUTS_HPP
#define TASKLEAK_DETAIL_RUN_OUTPUTS_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/base/path.hpp>
#include <taskleak/detail/base/text.hpp>
#include <taskleak/detail/platform/program_name.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/platform/whole_file.hpp>
#include <taskleak/detail/report/limits.hpp>
#include <taskleak/detail/report/text/colours.hpp>
#include <taskleak/detail/run/known_formats.hpp>
#include <taskleak/detail/run/output_requests.hpp>
#include <taskleak/format.hpp>
#include <taskleak/report.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Returns the path with `%p` replaced by the process's id and `%%` by one per cent sign; none where another sign follows.
inline std::optional<std::string> path_of_process(std::string_view pattern, int pid) {
  std::string path;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      path += pattern[i];
      continue;
    }
    if (++i == pattern.size() || (pattern[i] != 'p' && pattern[i] != '%')) return std::nullopt;
    path += pattern[i] == 'p' ? std::to_string(pid) : "%";
  }
  return path;
}

constexpr bool is_absolute_path(std::string_view path) noexcept {
#if defined(_WIN32)
  if (path.size() > 1 && path[1] == ':') return true;
  if (path.starts_with('\\')) return true;
#endif
  return path.starts_with('/');
}

/// Keeps a report so that nothing in it seems to hold a task: its list of stragglers is a block of taskleak's own, and the
/// addresses of what tasks wait for have all bits turned. As they are, they would also hide a leak of that memory from
/// LeakSanitizer.
class kept_report {
 public:
  explicit kept_report(report found) : rest_(std::move(found)) {
    stragglers_.reserve(rest_.stragglers.size());
    for (straggler& s : rest_.stragglers) {
      turn_address(s);
      stragglers_.push_back(std::move(s));
    }
    rest_.stragglers = {};
  }

  /// Returns the report as it was, and keeps nothing.
  report take() {
    rest_.stragglers.reserve(stragglers_.size());
    for (straggler& s : stragglers_) {
      turn_address(s);
      rest_.stragglers.push_back(std::move(s));
    }
    return std::move(rest_);
  }

 private:
  static void turn_address(straggler& s) noexcept { s.waits_on.address = ~s.waits_on.address; }

  report rest_;
  light_vector<straggler> stragglers_;
};

/// Holds the formats that a run writes, and, if there are any, the reports of its checks. Several threads may add at the same
/// time.
class run_outputs {
 public:
  /// Takes over what TASKLEAK_OPTIONS asks for. Returns what is wrong with it, one line for each mistake. Paths are relative to
  /// the working directory of the start: a test may change it.
  std::vector<std::string> open(const std::vector<output_request>& asked) {
    std::vector<std::string> errors;
    outputs_.clear();
    for (const output_request& one : asked)
      if (std::string error = open(one); !error.empty()) errors.push_back("TASKLEAK_OPTIONS: " + std::move(error));
    return errors;
  }

  /// Adds a format that the environment asks for in another way than by TASKLEAK_OPTIONS; it goes to stderr.
  void add_unless_asked_for(const output_format& format) {
    if (detail::none_of(outputs_.begin(), outputs_.end(), [&](const output& to) { return to.format == &format; }))
      outputs_.push_back({&format, {}});
  }

  /// Returns what keeps the lives of tasks; null where no format asks for them.
  const life_keeper* lives() const noexcept {
    for (const output& to : outputs_)
      if (to.format->traits().lives) return to.format->traits().lives;
    return nullptr;
  }

  /// Whether any format asks for reports.
  bool any() const noexcept { return !outputs_.empty(); }

  /// Keeps a report, unless it says nothing or no format asks for it.
  void keep(report found) {
    if (!any() || (found.clean() && found.ignored.empty())) return;
    const std::lock_guard lock(mutex_);
    reports_.push_back(kept_report(std::move(found)));
  }

  /// Writes everything anew, to files and, if they have something to say, to stdout and stderr. Returns one line for each error.
  std::vector<std::string> write() {
    const std::lock_guard lock(mutex_);
    return write_all();
  }

  /// As keep() and write(), on a copy of the process, in which nobody gives a lock back; false where another thread had it.
  bool keep_and_write_alone(report found, std::vector<std::string>& errors) {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock()) return false;
    reports_.push_back(kept_report(std::move(found)));
    errors = write_all();
    return true;
  }

 private:
  struct output {
    const output_format* format;
    std::string path;  ///< empty for stderr, "-" for stdout

    bool is_file() const noexcept { return !path.empty() && path != "-"; }
  };

  std::string open(const output_request& asked) {
    if (asked.format.empty()) return "output '" + asked.path + "' has no format; write format=NAME:output=" + asked.path;
    output made{find_format(asked.format), asked.path};
    if (!made.format) return remedy_for_format(asked.format);
    if (made.is_file()) {
      const std::optional<std::string> path = path_of_process(asked.path, current_pid());
      if (!path) return "bad value '" + asked.path + "' for output; %p stands for the process's id, and %% for one per cent sign";
      made.path = is_absolute_path(*path) ? *path : first_working_directory() + '/' + *path;
      if (const int error = obstacle_to_file(made.path)) return cannot_write(made, error);
      for (const output& other : outputs_)
        if (other.path == made.path) return "two formats go to the output '" + asked.path + "'";
    } else if (asked.path.empty() && asked.format == "text") {
      return {};  // every failure is on stderr already
    } else if (made.format->traits().is_binary) {
      return "the format '" + asked.format + "' is not for a terminal; write format=" + asked.format + ":output=PATH";
    }
    outputs_.push_back(std::move(made));
    return {};
  }

  static std::string cannot_write(const output& to, int error) {
    return "cannot write the output '" + to.path + "': " + system_message(error);
  }

  /// A file gets everything, also if it has been written before; a stream only what it has not had yet.
  std::vector<std::string> write_all() {
    std::vector<std::string> errors;
    if (outputs_.empty()) return errors;  // without a system call: the program may have forbidden itself all but a few
    run_report whole;
    whole.program = program_name();
    whole.pid = static_cast<std::uint64_t>(current_pid());
    if (const life_keeper* const keeper = lives()) keeper->add_to(whole);
    run_report rest = whole;
    for (kept_report& kept : reports_) whole.reports.push_back(kept.take());
    reports_.clear();
    rest.reports.assign(whole.reports.begin() + static_cast<std::ptrdiff_t>(on_streams_), whole.reports.end());
    for (const output& to : outputs_) {
      std::string text = to.format->write(to.is_file() ? whole : rest, shown_limits());
      if (to.is_file()) {
        if (const int error = put_into_file(to.path, text)) errors.push_back(cannot_write(to, error));
        continue;
      }
      std::fflush(stdout);
      std::FILE* const stream = to.path == "-" ? stdout : stderr;
      if (to.format->name() == std::string_view("text")) text = coloured_for(stream, std::move(text));
      std::fwrite(text.data(), 1, text.size(), stream);
      std::fflush(stream);
    }
    for (report& found : whole.reports) reports_.push_back(kept_report(std::move(found)));
    on_streams_ = reports_.size();
    return errors;
  }

  std::mutex mutex_;
  std::vector<output> outputs_;
  light_vector<kept_report> reports_;
  std::size_t on_streams_ = 0;  ///< how many of the reports have been written to stdout and stderr
};

}  // namespace taskleak::inline v0::detail

#endif
