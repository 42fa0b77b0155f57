// SPDX-License-Identifier: MIT
/// \file Reads suppression files: one `kind:glob  # reason` a line.
#ifndef TASKLEAK_DETAIL_FILTER_SUPPRESSION_FILE_HPP
#define TASKLEAK_DETAIL_FILTER_SUPPRESSION_FILE_HPP

#include <taskleak/detail/filter/rule.hpp>
#include <taskleak/detail/filter/text.hpp>

#include <fmt/core.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// The kinds a line may begin with, in the order in which an error lists them.
inline constexpr rule_kind rule_kinds_of_files[] = {rule_kind::any_function, rule_kind::created_by, rule_kind::name,
                                                    rule_kind::state, rule_kind::top_function};

struct suppression_file {
  std::vector<rule> rules;
  std::vector<std::string> errors;  ///< one for every bad line, each with path and line
};

inline std::optional<rule_kind> rule_kind_of_file(std::string_view word) noexcept {
  for (rule_kind kind : rule_kinds_of_files)
    if (word == to_string(kind)) return kind;
  return std::nullopt;
}

/// Splits a line at the `#` of its reason, the first one at the start or after a blank: `{lambda(int)#1}` holds one that is not.
inline std::pair<std::string_view, std::string_view> split_reason(std::string_view line) noexcept {
  for (std::size_t i = 0; i < line.size(); ++i)
    if (line[i] == '#' && (i == 0 || is_blank(line[i - 1]))) return {trim(line.substr(0, i)), trim(line.substr(i + 1))};
  return {trim(line), {}};
}

/// Reads one line, a rule or nothing; `place` is its file and line.
inline void parse_suppression_line(std::string_view line, std::string place, suppression_file& into) {
  const auto [body, reason] = split_reason(line);
  if (body.empty()) return;
  const std::size_t colon = body.find(':');
  if (colon == std::string_view::npos) {
    into.errors.push_back(fmt::format("{}: missing ':' in '{}'; a rule is kind:glob  # reason", place, body));
    return;
  }
  const std::string_view word = trim(body.substr(0, colon));
  const std::optional<rule_kind> kind = rule_kind_of_file(word);
  if (!kind) {
    std::string allowed;
    for (rule_kind one : rule_kinds_of_files) allowed.append(allowed.empty() ? "" : ", ").append(to_string(one));
    into.errors.push_back(fmt::format("{}: unknown kind '{}'; allowed are {}", place, word, allowed));
    return;
  }
  const std::string_view pattern = trim(body.substr(colon + 1));
  if (pattern.empty()) {
    into.errors.push_back(fmt::format("{}: empty pattern after '{}:'", place, word));
    return;
  }
  rule made;
  made.kind = *kind;
  made.origin = rule_origin::file;
  made.pattern = pattern;
  made.reason = reason;
  made.source = std::move(place);
  into.rules.push_back(std::move(made));
}

/// Reads the text of a suppression file; `path` only names it.
inline suppression_file parse_suppressions(std::string_view text, std::string_view path) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  suppression_file result;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    parse_suppression_line(text.substr(0, end), fmt::format("{}:{}", path, number), result);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return result;
}

/// Reads a suppression file; one that cannot be read is an error too.
inline suppression_file read_suppressions(const std::string& path) {
  suppression_file result;
  std::FILE* file = std::fopen(path.c_str(), "rb");
  int error = file ? 0 : errno;
  std::string text;
  if (file) {
    char buffer[4096];
    errno = 0;
    while (std::size_t got = std::fread(buffer, 1, sizeof buffer, file)) text.append(buffer, got);
    if (std::ferror(file)) error = errno ? errno : EIO;
    std::fclose(file);
  }
  if (!error) return parse_suppressions(text, path);
  result.errors.push_back(fmt::format("cannot read the suppressions '{}': {}", path, system_message(error)));
  return result;
}

}  // namespace taskleak::inline v0::detail

#endif
