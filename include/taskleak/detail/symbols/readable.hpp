// SPDX-License-Identifier: MIT
/// \file Writes demangled names as a reader of the source would.
#ifndef TASKLEAK_DETAIL_SYMBOLS_READABLE_HPP
#define TASKLEAK_DETAIL_SYMBOLS_READABLE_HPP

#include <taskleak/detail/symbols/scan.hpp>
#include <taskleak/detail/symbols/signature.hpp>
#include <taskleak/detail/symbols/std_names.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Rewrites one demangled name from left to right, template arguments before the template they belong to.
class name_rewriter {
 public:
  explicit name_rewriter(std::string_view text) noexcept : text_(text) {}

  /// Returns the rewritten name, or the original where its brackets do not match.
  std::string run() {
    std::string out = rewrite_until('\0');
    return failed_ || at_ != text_.size() ? std::string(text_) : out;
  }

 private:
  static constexpr int max_depth = 200;

  /// Rewrites up to the closing bracket, or to a comma between template arguments; leaves it for the caller.
  std::string rewrite_until(char closing) {
    std::string out;
    std::size_t name_start = 0;
    if (++depth_ > max_depth) failed_ = true;
    while (!failed_ && at_ < text_.size()) {
      const char c = text_[at_];
      if (c == closing || (closing == '>' && c == ',')) break;
      if (is_operator_at(text_, at_)) {
        append_operator(out);
      } else if (is_name_character(c) || c == ':' || c == '~') {
        append_word(out, name_start);
      } else if (c == '<') {
        append_arguments(out, name_start);
      } else if (c == '[' && text_.substr(at_).starts_with("[abi:")) {
        const std::size_t end = text_.find(']', at_);
        failed_ = end == std::string_view::npos;
        at_ = end + 1;
      } else if (c == '(' || c == '[' || c == '{') {
        append_brackets(out, c == '(' ? ')' : c == '[' ? ']' : '}');
      } else if (c == ')' || c == ']' || c == '}') {
        failed_ = true;
      } else {
        out += c;
        ++at_;
        if (c == '-' && at_ < text_.size() && text_[at_] == '>') out += text_[at_++];
        name_start = out.size();
      }
    }
    --depth_;
    return out;
  }

  void append_operator(std::string& out) {
    const std::size_t length = operator_length(text_, at_);
    out += text_.substr(at_, length);
    at_ += length;
    if (text_.substr(at_).starts_with(" <")) {
      ++at_;
      if (out.ends_with('<')) out += ' ';
    }
  }

  /// Appends one part of a qualified name, unless it is an inline namespace that the source does not mention.
  void append_word(std::string& out, std::size_t name_start) {
    std::size_t end = at_;
    while (end < text_.size() && is_name_character(text_[end])) ++end;
    if (end == at_) ++end;  // ':' or '~'
    const std::string_view word = text_.substr(at_, end - at_);
    const std::string_view before = std::string_view(out).substr(name_start);
    const bool in_std = before.starts_with("std::");
    const bool hidden = in_std ? is_inline_namespace_of_std(word) : word == "v0" && before == "taskleak::";
    at_ = end;
    if (hidden && text_.substr(at_).starts_with("::"))
      at_ += 2;
    else
      out += word;
  }

  void append_brackets(std::string& out, char closing) {
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    // `void (int)` as a template argument is written `void(int)`
    if (depth_ > 1 && closing == ')' && out.size() > 1 && out.back() == ' ' && next != '*' && next != '&' &&
        !is_name_in_brackets(text_, at_) && !is_pointer_to_member() &&
        (is_name_character(out[out.size() - 2]) || out[out.size() - 2] == '>'))
      out.pop_back();
    out += text_[at_++];
    out += rewrite_until(closing);
    if (at_ == text_.size()) failed_ = true;
    if (failed_) return;
    ++at_;
    out += closing;
  }

  /// Whether the brackets at the position are those of `void (Feed::*)(int)`.
  bool is_pointer_to_member() const noexcept {
    const std::size_t end = skip_brackets(text_, at_);
    return end != std::string_view::npos && text_.substr(at_, end - at_).find("::*") != std::string_view::npos;
  }

  void append_arguments(std::string& out, std::size_t name_start) {
    std::vector<std::string> arguments;
    do {
      ++at_;
      while (at_ < text_.size() && text_[at_] == ' ') ++at_;
      std::string argument = rewrite_until('>');
      if (failed_ || at_ == text_.size()) {
        failed_ = true;
        return;
      }
      while (argument.ends_with(' ')) argument.pop_back();
      if (!argument.empty() || text_[at_] == ',' || !arguments.empty()) arguments.push_back(std::move(argument));
    } while (text_[at_] == ',');
    ++at_;
    const std::string_view name = std::string_view(out).substr(name_start);
    if (name.starts_with("std::")) {
      std::string id = std_template_id(name.substr(5), std::move(arguments));
      out.replace(name_start + 5, std::string::npos, id);
      return;
    }
    out += '<';
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      if (i > 0) out += ", ";
      out += arguments[i];
    }
    out += '>';
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool failed_ = false;
};

/// Returns a demangled name as the source has it: `std::string` for `std::__cxx11::basic_string<char, ...>`, no default template
/// arguments of the standard library, no return type, no marks of the compiler. Text that is not a name comes back unchanged; of
/// one that is far too long the outline is left.
inline std::string readable(std::string_view demangled) {
  if (demangled.size() > longest_name) return outline_of(drop_return_type(demangled.substr(0, longest_name)));
  std::string_view name = coroutine_of_body(demangled);
  name = target_of_thunk(drop_clone_suffix(name));
  return name_rewriter(drop_return_type(name)).run();
}

}  // namespace taskleak::inline v0::detail

#endif
