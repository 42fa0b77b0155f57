// SPDX-License-Identifier: MIT
/// \file Reads suppression files: one `kind:glob  # reason` a line, or several conditions with ` && ` between them.
#ifndef TASKLEAK_DETAIL_FILTER_SUPPRESSION_FILE_HPP
#define TASKLEAK_DETAIL_FILTER_SUPPRESSION_FILE_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/base/text.hpp>
#include <taskleak/detail/filter/rule.hpp>
#include <taskleak/detail/platform/bounded_file.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Limits what a suppression file may hold: far more than a file that is written by hand or by write_suppressions has, and little
/// enough that a wrong path, such as that of a core file or a device, is an error and does not fill the memory.
struct suppression_limits {
  static constexpr std::size_t bytes = std::size_t{16} << 20;
  static constexpr std::size_t bytes_of_line = std::size_t{64} << 10;
  static constexpr std::size_t rules = 100'000;
  static constexpr std::size_t errors = 20;  ///< how many errors of one file are listed
};

struct suppression_file {
  light_vector<rule> rules;
  std::vector<std::string> errors;  ///< one for every bad line, each with path and line
};

/// Returns the kind of this name; null when there is none.
inline const rule_word* find_rule_word(std::string_view word) noexcept {
  for (const rule_word& one : rule_words)
    if (one.has_pattern && word == one.word) return &one;
  return nullptr;
}

/// Splits a line at the `#` of its reason: the first `#` at the start or after a blank, unlike that in `{lambda(int)#1}`.
inline std::pair<std::string_view, std::string_view> split_reason(std::string_view line) noexcept {
  for (std::size_t i = 0; i < line.size(); ++i)
    if (line[i] == '#' && (i == 0 || is_blank(line[i - 1]))) return {trim(line.substr(0, i)), trim(line.substr(i + 1))};
  return {trim(line), {}};
}

/// Returns the length of the `word` of a condition `word:glob` that the text begins with; 0 when it begins with none.
///
/// A word of lower-case letters that is no kind counts, too, unless a second colon follows: a mistyped kind has to be an error,
/// but `std::is_same_v<T, U>` in a requires-clause is a part of a name.
inline std::size_t length_of_kind(std::string_view text) noexcept {
  std::size_t length = 0;
  while (length < text.size() && ((text[length] >= 'a' && text[length] <= 'z') || text[length] == '_')) ++length;
  if (length == 0 || length == text.size() || text[length] != ':') return 0;
  if (find_rule_word(text.substr(0, length))) return length;
  return length + 1 < text.size() && text[length + 1] == ':' ? 0 : length;
}

/// Returns where the `&&` stands that ends the first condition of a line, between blanks and in front of the next `kind:`; npos
/// when there is none. Elsewhere the sign is a part of a name, as in `f(T&&)` or `operator&&`.
inline std::size_t find_conjunction(std::string_view body) noexcept {
  constexpr std::string_view sign = "&&";
  for (std::size_t at = body.find(sign, 1); at != std::string_view::npos; at = body.find(sign, at + 1)) {
    const std::string_view behind = body.substr(at + sign.size());
    if (is_blank(body[at - 1]) && !behind.empty() && is_blank(behind.front()) && length_of_kind(trim(behind)) != 0) return at;
  }
  return std::string_view::npos;
}

/// Returns the text as an error quotes it, cut if it is long: the whole line is in the file.
inline std::string cut_for_error(std::string_view text) {
  constexpr std::size_t most = 80;
  return text.size() <= most ? std::string(text) : std::string(text.substr(0, most)) + "...";
}

/// Whether a glob ends in an `&&` behind which a condition was forgotten: a blank stands in front, but neither a function's
/// parameters, as in `Feed::close() &&` or `Feed::close() const &&`, nor a `*` that may stand for parameters.
inline bool has_loose_conjunction(std::string_view pattern) noexcept {
  constexpr std::string_view sign = "&&";
  if (!pattern.ends_with(sign)) return false;
  const std::string_view before = trim(pattern.substr(0, pattern.size() - sign.size()));
  if (before.empty()) return true;
  if (before.size() + sign.size() == pattern.size()) return false;
  for (const std::string_view end : {")", "*", "?", ") const", ") volatile", "* const"})
    if (before.ends_with(end)) return false;
  return true;
}

/// Reads `kind:glob` into the rule; returns an error, or an empty text.
inline std::string parse_condition(std::string_view text, rule& into) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos)
    return fmt::format("missing ':' in '{}'; a rule is kind:glob  # reason", cut_for_error(text));
  const std::string_view word = trim(text.substr(0, colon));
  const rule_word* const kind = find_rule_word(word);
  if (!kind) {
    std::string allowed;
    for (const rule_word& one : rule_words)
      if (one.has_pattern) allowed.append(allowed.empty() ? "" : ", ").append(one.word);
    return fmt::format("unknown kind '{}'; allowed are {}", cut_for_error(word), allowed);
  }
  const std::string_view pattern = trim(text.substr(colon + 1));
  if (pattern.empty()) return fmt::format("empty pattern after '{}:'", word);
  if (has_loose_conjunction(pattern)) return fmt::format("no condition after the '&&' of '{}'", cut_for_error(text));
  rule_condition& made = into.conditions.emplace_back();
  made.kind = kind->kind;
  made.pattern = pattern;
  return {};
}

/// Reads the lines of suppression files into one result, which stays within the limits.
class suppression_parser {
 public:
  suppression_parser(std::string_view place, rule_origin origin) : place_(place), origin_(origin) {}

  suppression_file parse(std::string_view text) {
    if (const std::size_t at = text.find('\0'); at != std::string_view::npos) {
      number_ = 1 + static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
      error("a NUL byte; this is no text file, and a suppression file has one kind:glob  # reason a line");
      return std::move(result_);
    }
    while (!text.empty() && take_line(text.substr(0, text.find('\n')))) {
      const std::size_t end = text.find('\n');
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    if (errors_ > suppression_limits::errors)
      result_.errors.push_back(fmt::format("{}: {} more lines are wrong", place_, errors_ - suppression_limits::errors));
    return std::move(result_);
  }

 private:
  /// Reads one line, a rule or nothing. Returns false when the rest is not worth reading.
  bool take_line(std::string_view line) {
    ++number_;
    if (line.size() > suppression_limits::bytes_of_line) {
      error(fmt::format("a line of {} bytes; {} are allowed", line.size(), suppression_limits::bytes_of_line));
      return true;
    }
    // in front of any line: a user may join files that have a mark, as in <(cat a.supp b.supp)
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (line.starts_with(byte_order_mark)) line.remove_prefix(byte_order_mark.size());
    const auto [body, reason] = split_reason(line);
    if (body.empty()) return true;
    rule made;
    for (std::string_view rest = body; !rest.empty();) {
      const std::size_t end = find_conjunction(rest);
      if (const std::string wrong = parse_condition(trim(rest.substr(0, end)), made); !wrong.empty()) {
        error(wrong);
        return true;
      }
      rest = end == std::string_view::npos ? std::string_view() : trim(rest.substr(end + 2));
    }
    if (result_.rules.size() == suppression_limits::rules) {
      error(fmt::format("one rule more than the {} that are allowed", suppression_limits::rules));
      return false;
    }
    made.origin = origin_;
    made.reason = reason;
    made.source = place_of_line();
    result_.rules.push_back(std::move(made));
    return true;
  }

  void error(std::string_view what) {
    if (++errors_ > suppression_limits::errors) return;
    std::string shown(what);
    std::replace_if(
        shown.begin(), shown.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
    result_.errors.push_back(fmt::format("{}: {}", place_of_line(), shown));
  }

  std::string place_of_line() const { return fmt::format("{}{}{}", place_, place_.ends_with(' ') ? "" : ":", number_); }

  std::string_view place_;
  rule_origin origin_;
  std::size_t number_ = 0;
  std::size_t errors_ = 0;
  suppression_file result_;
};

/// Reads the text of a suppression file. `place` names the text in errors: a path, or words that end with a blank; the number of
/// the line follows.
inline suppression_file parse_suppressions(std::string_view text, std::string_view place,
                                           rule_origin origin = rule_origin::file) {
  return suppression_parser(place, origin).parse(text);
}

/// Reads a suppression file; a file that cannot be read is an error, too.
inline suppression_file read_suppressions(const std::string& path) {
  const bounded_text read = read_bounded(path, suppression_limits::bytes);
  if (read.error.empty()) return parse_suppressions(read.text, path);
  suppression_file result;
  result.errors.push_back(fmt::format("cannot read the suppressions '{}': {}", path, read.error));
  return result;
}

}  // namespace taskleak::inline v0::detail

#endif
