// SPDX-License-Identifier: MIT
/// \file Picks the functions on a task's stacks that tell this task from others, for a rule that is to be written.
#ifndef TASKLEAK_DETAIL_FILTER_TELLING_FUNCTIONS_HPP
#define TASKLEAK_DETAIL_FILTER_TELLING_FUNCTIONS_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/symbols/function_name.hpp>
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace taskleak::inline v0::detail {

/// Says how well the name of a function tells it from others.
enum class telling : unsigned char {
  nothing,    ///< not the user's, without a name, main, or a lambda without the function around it
  last_name,  ///< `start`: a C function, or an inlined one, for which debug information has only the last part of the name
  whole_name,
};

/// Whether the name is only a place, such as `libfoo.so.1+0x1234`, which changes with the next update.
constexpr bool is_offset(std::string_view function) noexcept {
  std::size_t at = function.rfind("0x");
  if (at == std::string_view::npos || (at > 0 && function[at - 1] != '+')) return false;
  for (at += 2; at < function.size(); ++at) {
    const char c = function[at];
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) return false;
  }
  return true;
}

/// Returns where the last part of a name without parameters begins: behind the last `::` outside of brackets. Brackets of
/// operators do no harm, since an operator is the last part.
inline std::size_t begin_of_last_part(std::string_view base) noexcept {
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t at = 0; at < base.size(); ++at) {
    if (base.substr(at).starts_with("operator") && (at == 0 || base[at - 1] == ':')) break;
    const char c = base[at];
    if (c == '(' || c == '<' || c == '{' || c == '[') ++depth;
    if ((c == ')' || c == '>' || c == '}' || c == ']') && depth > 0) --depth;
    if (depth == 0 && base.substr(at).starts_with("::")) begin = at + 2;
  }
  return begin;
}

/// Returns the class or namespace of a name without parameters, without its `::` and template arguments.
inline std::string_view enclosing_of(std::string_view base) noexcept {
  const std::size_t begin = begin_of_last_part(base);
  if (begin == 0) return {};
  const std::string_view enclosing = base.substr(0, begin - 2);
  return enclosing.substr(0, std::max<std::size_t>(enclosing.find('<', 1), 1));
}

/// Whether the part of a name is the compiler's for a lambda: `{lambda(int)#1}`, `<lambda(int)>`, `$_0`, `'lambda'(int)`.
constexpr bool is_lambda_part(std::string_view part) noexcept {
  return part.starts_with("{lambda") || part.starts_with("<lambda") || part.starts_with("$_") || part.starts_with("'lambda");
}

/// Whether the name is that of a lambda's call operator, and does not say in which function the lambda is.
inline bool is_bare_lambda(std::string_view base) noexcept {
  const std::size_t last = begin_of_last_part(base);
  const bool is_call = base.substr(last).starts_with("operator()") || base.substr(last).starts_with("_FUN") ||
                       base.substr(last).starts_with("__invoke") || is_lambda_part(base.substr(last));
  if (!is_call) return false;
  if (last == 0) return true;
  std::string_view around = base.substr(0, last - 2);
  while (is_lambda_part(around.substr(begin_of_last_part(around)))) {
    const std::size_t begin = begin_of_last_part(around);
    if (begin == 0) return true;
    around = around.substr(0, begin - 2);
  }
  return around == "(anonymous namespace)";
}

/// Returns where the number begins in a name that a macro of a test framework made up; npos in other names. Another test in the
/// file changes the number.
constexpr std::size_t begin_of_test_number(std::string_view function) noexcept {
  for (const std::string_view mark : {"____C_A_T_C_H____T_E_", "C_A_T_C_H_T_E_S_T_", "CATCH2_INTERNAL_TE", "DOCTEST_ANON_"})
    if (const std::size_t at = function.find(mark); at != std::string_view::npos)
      return function.find_first_of("0123456789", at + mark.size());
  return std::string_view::npos;
}

constexpr bool is_numbered_test(std::string_view function) noexcept {
  return begin_of_test_number(function) != std::string_view::npos;
}

/// Whether the function is a lambda in a numbered test, or is called by one: the lambda's own number tells it from others in the
/// test.
constexpr bool is_in_numbered_test(std::string_view function) noexcept {
  const std::size_t at = begin_of_test_number(function);
  return at != std::string_view::npos &&
         (function.find("lambda", at) != std::string_view::npos || function.find("$_", at) != std::string_view::npos);
}

/// Says whose functions count: functions of the system's libraries are on the stacks of everybody who uses these.
enum class telling_side : unsigned char { users, libraries_too };

/// Whether the module is a library that the system brings along.
inline bool is_system_library(std::string_view module) noexcept {
  constexpr std::string_view folders[] = {"/usr/lib", "/lib", "/usr/local/lib", "/opt/"};
  return starts_with_any(module, folders) && file_name_of(module).find(".so") != std::string_view::npos;
}

inline telling telling_of(const frame& f, telling_side side) {
  if (f.plumbing || f.function.empty() || is_offset(f.function)) return telling::nothing;
  if (is_numbered_test(f.function)) return is_in_numbered_test(f.function) ? telling::last_name : telling::nothing;
  if (side == telling_side::users && is_system_library(f.module)) return telling::nothing;
  const function_name parts = split_function(f.function);
  frame without_return_type = f;
  without_return_type.function.erase(0, parts.begin);
  const frame_origin origin = origin_of(without_return_type);
  const bool counts = origin == frame_origin::user || (side == telling_side::libraries_too && origin == frame_origin::internal);
  if (!counts) return telling::nothing;
  const std::string_view base = parts.base();
  if (base.empty() || base == "main" || is_bare_lambda(base)) return telling::nothing;
  const bool is_whole = f.function.find("::") != std::string::npos || f.function.find('(') != std::string::npos;
  return is_whole ? telling::whole_name : telling::last_name;
}

/// Holds the functions that tell a task from others.
struct telling_functions {
  std::vector<std::string> names;
  bool has_whole_name = false;
  bool passed_numbered_test = false;  ///< whether the next function would have been a test whose name is a number

  void take(const frame& f, telling how) {
    names.push_back(f.function);
    has_whole_name = has_whole_name || how == telling::whole_name;
  }
};

/// Picks the user's functions on a creation stack, from the innermost outwards, until they tell the task from others: two with
/// whole names, of different classes, since `Thread::start()` below `Thread::start_with(options)` says no more than one of them.
inline telling_functions telling_creators(const std::vector<frame>& stack, telling_side side) {
  constexpr std::size_t most = 4;
  telling_functions found;
  std::optional<std::string_view> first;
  for (const frame& f : stack) {
    if (is_whole_run(f.function) || found.names.size() == most) break;
    if (is_numbered_test(f.function) && !is_in_numbered_test(f.function)) {
      found.passed_numbered_test = true;
      break;
    }
    const telling how = telling_of(f, side);
    const bool is_known = detail::find(found.names.begin(), found.names.end(), f.function) != found.names.end();
    if (how != telling::nothing && !is_known) {
      found.take(f, how);
      if (how == telling::whole_name) {
        const std::string_view enclosing = enclosing_of(split_function(f.function).base());
        if (first && (enclosing.empty() || enclosing != *first)) break;
        if (!first) first = enclosing;
      }
    }
    if (is_test_body(f.function)) break;
  }
  return found;
}

/// Picks the outermost of the user's functions on a thread's own stack, which the thread was made to run. Inner functions change
/// from look to look.
inline telling_functions telling_start(const std::vector<frame>& stack, telling_side side) {
  telling_functions found;
  for (const telling wanted : {telling::whole_name, telling::last_name})
    for (std::size_t i = stack.size(); i-- > 0;)
      if (telling_of(stack[i], side) == wanted) {
        found.take(stack[i], wanted);
        return found;
      }
  return found;
}

/// Whether the functions that created the task, and those that it runs, are all of one class, such as `base::Thread`. The class
/// may be the base of many, and then they tell nothing of this task: the function that called the class has left by a tail call.
inline bool are_of_one_class(const telling_functions& creators, const telling_functions& start) {
  if (creators.names.empty() || is_test_body(creators.names.back())) return false;
  const std::string_view enclosing = enclosing_of(split_function(creators.names.front()).base());
  if (enclosing.empty()) return false;
  const auto is_of_it = [enclosing](const std::string& function) {
    const std::string_view base = split_function(function).base();
    return base.starts_with(enclosing) && base.substr(enclosing.size()).find_first_of(":<") == 0;
  };
  return detail::all_of(creators.names.begin(), creators.names.end(), is_of_it) &&
         detail::all_of(start.names.begin(), start.names.end(), is_of_it);
}

/// Returns how the names of all functions of a library without symbols begin, such as `libfoo.so`, for the outermost such
/// function on a thread's own stack; empty if there is none. Version and place are left out, since they change with the next
/// update.
inline std::string_view library_of_start(const std::vector<frame>& stack) noexcept {
  for (std::size_t i = stack.size(); i-- > 0;) {
    const std::string_view function = stack[i].function;
    const std::size_t end = function.find(".so");
    const frame_origin origin = origin_of(stack[i]);
    if (is_offset(function) && end != std::string_view::npos &&
        (origin == frame_origin::user || origin == frame_origin::internal))
      return function.substr(0, end + 3);
  }
  return {};
}

}  // namespace taskleak::inline v0::detail

#endif
