// SPDX-License-Identifier: MIT
/// \file Says what a run has found in a few lines each, for tools that show them at a line of the source: stragglers that were
/// created at one line are one finding, however many tests left them.
#ifndef TASKLEAK_DETAIL_REPORT_FINDINGS_HPP
#define TASKLEAK_DETAIL_REPORT_FINDINGS_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/path.hpp>
#include <taskleak/detail/base/visible.hpp>
#include <taskleak/detail/report/text/headline.hpp>
#include <taskleak/detail/report/text/summary.hpp>
#include <taskleak/format.hpp>
#include <taskleak/report.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Says what kind of thing was found.
enum class finding_kind : unsigned char {
  leak,
  hang,
  unrest,
  bad_rules,  ///< an error in the options of a check
};

struct finding {
  finding_kind kind = finding_kind::leak;
  bool fails = false;  ///< whether it failed any of the tests
  std::string file{};  ///< where to show it: of a leak the line that created the first task; empty if it is not known
  unsigned line = 0;
  std::string function{};            ///< of a leak: the one that created the task
  const straggler* first = nullptr;  ///< in the run; null for an error in options
  std::size_t threads = 0;
  std::size_t coroutines = 0;
  std::vector<std::string> scopes{};  ///< each once
  std::string said{};                 ///< the first line of a hang, or the error

  /// Returns the name of what is wrong, the same in each version: `orphaned`, `left-behind` where nothing is known, `hang`.
  std::string rule() const {
    switch (kind) {
      case finding_kind::hang: return "hang";
      case finding_kind::unrest: return "unrest";
      case finding_kind::bad_rules: return "bad-options";
      case finding_kind::leak: break;
    }
    return first && first->verdict != verdict::none ? to_string(first->verdict) : "left-behind";
  }

  /// Returns 16 digits that are the same for this finding in the next run, also where lines have moved.
  std::string fingerprint() const {
    const std::string of_rule = rule();
    std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
    for (const std::string_view part : {std::string_view(of_rule), std::string_view(file), std::string_view(function)}) {
      for (const char c : part) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
      hash *= 0x100000001b3;
    }
    std::string digits;
    for (int shift = 60; shift >= 0; shift -= 4) digits += "0123456789abcdef"[hash >> shift & 15];
    return digits;
  }

  /// Returns one line: `2 threads outlived Feed.Closes, Feed.Opens`.
  std::string title() const {
    if (kind == finding_kind::bad_rules) return "a mistake in the options of a check";
    if (kind != finding_kind::leak) return said;
    return count_in_words(threads, coroutines) + " outlived " + tests_in_words(scopes);
  }

  /// Returns the lines that follow the title, without a newline at the end: where the first task is, and why it is alive.
  std::string text() const {
    if (kind == finding_kind::bad_rules) return said;
    if (!first) return {};
    constexpr std::size_t room = 400;
    std::string lines = where_it_is(*first, room);
    if (!first->waits_on.name.empty()) lines.append("\nwaits on ").append(on_one_line(first->waits_on.name));
    if (const std::string_view verdict = to_string(first->verdict); !verdict.empty()) {
      lines.append("\n").append(verdict);
      const bool is_holder = first->verdict == taskleak::verdict::held || first->verdict == taskleak::verdict::owned;
      if (!first->reason.empty()) lines.append(is_holder ? " " : ": ").append(on_one_line(first->reason));
    }
    if (!first->hint.empty()) lines.append("\n").append(on_one_line(first->hint));
    return lines;
  }
};

/// Returns the function that created a task, as its user would name it; null if none is known.
inline const frame* creating_frame(const straggler& s) noexcept {
  for (const frame& f : s.creation_stack)
    if (!f.plumbing && !f.file.empty() && origin_of(f) == frame_origin::user) return &f;
  return first_shown(s.creation_stack);
}

/// Collects findings in the order in which the run found them.
class findings_of_run {
 public:
  explicit findings_of_run(const run_report& run) {
    for (const report& found : run.reports) add(found);
  }

  std::vector<finding> take() noexcept { return std::move(all_); }

 private:
  void add(const report& found) {
    for (const std::string& error : found.errors) {
      finding& made = add_at_scope(finding_kind::bad_rules, found);
      made.fails = true;
      made.said = on_one_line(error);
    }
    if (found.kind == report_kind::leak) {
      for (const straggler& s : found.stragglers) add(s, found);
      return;
    }
    finding& made = add_at_scope(found.kind == report_kind::hang ? finding_kind::hang : finding_kind::unrest, found);
    made.said = headline_of(found);
    if (!found.stragglers.empty()) made.first = &found.stragglers.front();
  }

  finding& add_at_scope(finding_kind kind, const report& found) {
    finding& made = all_.emplace_back();
    made.kind = kind;
    made.fails = found.fails;
    made.file = found.file;
    made.line = found.line;
    made.scopes.push_back(found.scope);
    return made;
  }

  void add(const straggler& s, const report& found) {
    const frame* const by = creating_frame(s);
    const bool has_place = by && !by->file.empty();
    // where no stack is known, what the task is called, and what it is in, tells it from others
    const frame* const in = by ? by : first_shown(s.stack);
    const key of_this{in ? std::string_view(in->file) : std::string_view(), in ? std::string_view(in->function) : s.name,
                      in ? in->line : 0, by != nullptr};
    const auto known = detail::find(keys_.begin(), keys_.end(), of_this);
    const bool is_new = known == keys_.end();
    const std::size_t number = is_new ? all_.size() : numbers_[static_cast<std::size_t>(known - keys_.begin())];
    if (is_new) {
      keys_.push_back(of_this);
      numbers_.push_back(number);
      finding& made = add_at_scope(finding_kind::leak, found);
      made.scopes.clear();
      made.fails = false;
      made.first = &s;
      if (has_place) {
        made.file = by->file;
        made.line = by->line;
      }
      if (by) made.function = by->function;
    }
    finding& of = all_[number];
    of.fails = of.fails || found.fails;
    (s.kind == task_kind::thread ? of.threads : of.coroutines) += 1 + s.alike.ids.size();
    const std::string scope = found.scope.empty() ? s.scope : found.scope;
    if (detail::find(of.scopes.begin(), of.scopes.end(), scope) == of.scopes.end()) of.scopes.push_back(scope);
  }

  /// Tells the leaks of one line from others; the texts are the run's.
  struct key {
    std::string_view file;
    std::string_view function;
    unsigned line;
    bool is_creation;

    bool operator==(const key&) const noexcept = default;
  };

  std::vector<finding> all_;
  std::vector<key> keys_;  ///< few, however many tasks there are
  std::vector<std::size_t> numbers_;
};

inline std::vector<finding> findings_of(const run_report& run) { return findings_of_run(run).take(); }

/// Returns the folder that holds the sources, as those who run the tests in the cloud say, or else the working directory of the
/// start.
inline std::string root_of_sources() {
  for (const char* const name : {"GITHUB_WORKSPACE", "CI_PROJECT_DIR"})
    if (const char* const folder = std::getenv(name); folder && *folder) return folder;
  return first_working_directory();
}

/// Returns the path relative to the root of the sources, as tools that know only that root name the file; the whole path of a
/// file that lies elsewhere.
inline std::string path_from_root(const std::string& path, std::string_view root) {
  if (path.empty() || root.empty()) return path;
  const std::string whole = path.front() == '/' ? path : first_working_directory() + '/' + path;
  return shorten_path(whole, root);
}

}  // namespace taskleak::inline v0::detail

#endif
