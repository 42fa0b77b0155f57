// SPDX-License-Identifier: MIT
/// \file Finds the parameter list in a demangled function name, and where its return type ends.
#ifndef TASKLEAK_DETAIL_SYMBOLS_FUNCTION_NAME_HPP
#define TASKLEAK_DETAIL_SYMBOLS_FUNCTION_NAME_HPP

#include <taskleak/detail/symbols/scan.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace taskleak::inline v0::detail {

/// Holds a demangled name and the places in it; a name without a parameter list has both of those at its end.
struct function_name {
  std::string_view whole;
  std::size_t begin = 0;             ///< after the return type; 0 when there is none
  std::size_t parameters_begin = 0;  ///< the opening parenthesis
  std::size_t parameters_end = 0;    ///< after the closing one; then come const, &, [clone ...]

  /// Is the name without return type, parameters and what follows them.
  std::string_view base() const noexcept { return whole.substr(begin, parameters_begin - begin); }
};

/// Reads a demangled name once from left to right, keeping the brackets that are open.
class function_name_parser {
 public:
  explicit function_name_parser(std::string_view demangled) : text_(demangled) {
    found_.whole = demangled;
    found_.parameters_begin = found_.parameters_end = demangled.size();
  }

  function_name parse() {
    while (at_ < text_.size() && !at_requires_clause()) {
      if (is_operator_at(text_, at_))
        skip_operator();
      else
        take_character();
    }
    return found_;
  }

 private:
  bool starts(std::string_view with) const noexcept { return text_.substr(at_).starts_with(with); }

  bool at_requires_clause() const noexcept { return open_.empty() && starts(" requires "); }

  /// Skips `operator` and its symbol, whose brackets are none: operator(), operator<, operator->, operator new[].
  void skip_operator() noexcept {
    const std::size_t length = operator_length(text_, at_);
    at_ += length;
    if (length == std::string_view("operator").size() && starts(" ")) {
      ++at_;  // a conversion: its type may hold spaces and is part of the name
      in_conversion_ = open_.empty() || in_conversion_;
    } else if (starts(" <")) {
      ++at_;  // demanglers write `operator< <int>`
    }
  }

  void take_character() {
    const char c = text_[at_];
    switch (c) {
      case '(':
        if (open_.empty()) group_begin_ = at_;
        open_.push_back(')');
        break;
      case '[': open_.push_back(']'); break;
      case '{': open_.push_back('}'); break;
      case '<': open_.push_back('>'); break;
      case '>':  // elsewhere it is a comparison or an arrow
        if (!open_.empty() && open_.back() == '>') open_.pop_back();
        break;
      case ')':
      case ']':
      case '}': close(c); return;
      case ' ':
        if (open_.empty() && !in_conversion_) begin_ = at_ + 1;
        break;
      default: break;
    }
    ++at_;
  }

  void close(char bracket) {
    ++at_;
    const std::size_t opened = open_.rfind(bracket);
    if (opened == std::string::npos) return;
    open_.erase(opened);
    if (opened != 0 || bracket != ')') return;
    const std::size_t scope = after_qualifiers();
    if (text_.substr(scope).starts_with("::")) {  // the parameters of an enclosing function, or (anonymous namespace)
      at_ = scope;
      return;
    }
    if (group_begin_ == 0 || text_[group_begin_ - 1] == ' ') return;  // `decltype (x) f()`, `f() (.cold)`
    found_.begin = begin_;
    found_.parameters_begin = group_begin_;
    found_.parameters_end = at_;
  }

  std::size_t after_qualifiers() const noexcept {
    std::size_t end = at_;
    for (bool more = true; more;) {
      more = false;
      for (std::string_view word : {" const", " volatile", " &&", " &"}) {
        if (!text_.substr(end).starts_with(word)) continue;
        end += word.size();
        more = true;
      }
    }
    return end;
  }

  std::string_view text_;
  function_name found_;
  std::string open_;  ///< the closing brackets still to come
  std::size_t at_ = 0;
  std::size_t begin_ = 0;
  std::size_t group_begin_ = 0;
  bool in_conversion_ = false;
};

inline function_name split_function(std::string_view demangled) { return function_name_parser(demangled).parse(); }

}  // namespace taskleak::inline v0::detail

#endif
