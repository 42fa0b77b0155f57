// SPDX-License-Identifier: MIT
/// \file Finds the user's function that a thread was made to run, also if the thread's stack does not show the function.
///
/// A function whose last act is a call may have left the stack, and a function that is called in one place may be inlined. There
/// remains what pthread_create was given: the start function and its argument, which for std::thread is an object that knows its
/// own type.
#ifndef TASKLEAK_DETAIL_INSPECT_START_FUNCTION_HPP
#define TASKLEAK_DETAIL_INSPECT_START_FUNCTION_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/probe/thread/live_thread.hpp>
#include <taskleak/detail/symbols/callable_type.hpp>
#include <taskleak/detail/symbols/demangle.hpp>
#include <taskleak/detail/symbols/function_name.hpp>
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/detail/symbols/readable.hpp>
#include <taskleak/detail/symbols/symbolizer.hpp>
#include <taskleak/detail/unwind/frame_rules.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <string.h>

namespace taskleak::inline v0::detail {

/// Returns the type of a polymorphic object that may be gone, by its type_info, and so also in a program without symbols. Returns
/// an empty text if there is no such object.
///
/// By the Itanium ABI the address of a class's std::type_info lies in front of its virtual functions. The second word of the
/// type_info is the mangled name, after an asterisk if the type has no linkage.
inline std::string type_of_object(std::uintptr_t object) {
  constexpr std::size_t longest_read = 4096;
  constexpr std::size_t word = sizeof(std::uintptr_t);
  std::uintptr_t functions = 0, type = 0, name = 0;
  if (!copy_value(object, functions) || functions < word || !copy_value(functions - word, type) || type == 0) return {};
  if (find_module(functions).path.empty() || find_module(type).path.empty()) return {};
  if (!copy_value(type + word, name) || find_module(name).path.empty()) return {};
  std::string mangled(longest_read, '\0');
  mangled.resize(::strnlen(mangled.data(), copy_memory(name, mangled.data(), mangled.size())));
  if (mangled.starts_with('*')) mangled.erase(0, 1);
  if (mangled.empty() || mangled.size() + 1 >= longest_read) return {};
  constexpr std::string_view mark = "typeinfo for ";
  std::string text = demangle(std::string("_ZTI").append(mangled).c_str());
  return text.starts_with(mark) ? readable(std::string_view(text).substr(mark.size())) : std::string();
}

/// Looks up a function by its first instruction, whose line may be that of a function inlined there.
inline frame function_at(std::uintptr_t code) {
  frame found = resolve(code, false).back();
  found.address = 0;  // the function need not be on a stack
  if (is_standard_library_file(found.file)) {
    found.file.clear();
    found.line = 0;
  }
  return found;
}

inline frame call_operator_of(std::string_view callable, std::uintptr_t code) {
  frame made;
  made.function = std::string(callable).append("::operator()");
  made.module = find_module(code).path;
  return made;
}

inline constexpr std::size_t longest_state = 12;  ///< words of a std::thread's state that are looked at

/// Finds the virtual function of these parameters that a pointer to a member in a std::thread's state stands for: by the Itanium
/// ABI its first word is one more than the function's place in the table, its second the offset of the object, here 0. A
/// std::tuple of libstdc++ has its elements in reverse, so the object, or a pointer to it, comes just before.
inline std::optional<frame> virtual_function_kept_in(std::uintptr_t state, std::string_view parameters) {
  constexpr std::uintptr_t longest_table = 4096;
  constexpr std::size_t word = sizeof(std::uintptr_t);
  for (std::size_t i = 2; i < longest_state; ++i) {
    std::uintptr_t member[2];
    if (!copy_value(state + i * word, member)) return std::nullopt;
    if (member[0] % word != 1 || member[0] > longest_table || member[1] != 0) continue;
    for (const std::size_t before : {std::size_t{1}, std::size_t{2}}) {  // a std::shared_ptr has a second word
      std::uintptr_t object = 0, table = 0, code = 0;
      if (before >= i || !copy_value(state + (i - before) * word, object) || !copy_value(object, table)) continue;
      if (find_module(table).path.empty() || !copy_value(table + member[0] - 1, code) || function_start(code) != code) continue;
      frame found = function_at(code);
      const function_name parts = split_function(found.function);
      const std::string_view own =
          std::string_view(found.function).substr(parts.parameters_begin, parts.parameters_end - parts.parameters_begin);
      if (origin_of(found) == frame_origin::user && own == parameters) return found;
    }
  }
  return std::nullopt;
}

/// Finds the function whose address is kept in a std::thread's state, which holds a callable of this type behind its first word.
///
/// The state holds the callable and its arguments, whose end is not known: a function counts if its parameters are those of the
/// type, or if it is a function of the language that belongs to std::function. Up to `words_before` more words may stand in front
/// of the callable.
inline std::optional<frame> function_kept_in(std::uintptr_t state, std::string_view callable, std::size_t words_before = 0) {
  constexpr std::size_t words_of_wrapper = 5;  // std::function has four words; std::bind's result begins with its function
  const std::string_view parameters = parameters_of_type(callable);
  const std::string_view owner = class_of_member_pointer(callable);
  const bool is_wrapper = parameters.empty();
  for (std::size_t i = 1; i < words_before + (is_wrapper ? words_of_wrapper : longest_state); ++i) {
    std::uintptr_t code = 0;
    if (!copy_value(state + i * sizeof code, code)) return std::nullopt;
    if (code == 0 || function_start(code) != code) continue;
    frame found = function_at(code);
    const std::string_view name = found.function;
    constexpr std::string_view of_function = "std::_Function_handler<";
    if (is_wrapper && name.starts_with(of_function)) {
      const std::string_view signature = first_in_list(name.substr(of_function.size()));
      const std::string_view kept = first_in_list(name.substr(std::min(of_function.size() + signature.size() + 1, name.size())));
      if (const std::string_view users = users_callable_in(kept); !users.empty()) return call_operator_of(users, code);
      continue;
    }
    if (origin_of(found) != frame_origin::user) continue;
    const function_name parts = split_function(name);
    const std::string_view own = name.substr(parts.parameters_begin, parts.parameters_end - parts.parameters_begin);
    const bool is_of_class = owner.empty() || parts.base().starts_with(owner);
    if (is_wrapper || own.empty() || (own == parameters && is_of_class)) return found;
  }
  return owner.empty() ? std::nullopt : virtual_function_kept_in(state, parameters);
}

/// Finds the function of a std::packaged_task that is kept in a std::thread's state, behind the task's arguments: the task points
/// to an object that knows the type of the function, and keeps the function behind words of its own.
inline std::optional<frame> function_of_packaged_task(std::uintptr_t state) {
  constexpr std::string_view of_task = "std::__future_base::_Task_state<";
  constexpr std::size_t words_before = 6;
  for (std::size_t i = 1; i < longest_state; ++i) {
    std::uintptr_t kept = 0, functions = 0;
    if (!copy_value(state + i * sizeof kept, kept)) return std::nullopt;
    if (kept == 0 || kept % alignof(void*) != 0 || !copy_value(kept, functions)) continue;
    const std::string type = type_of_object(kept);
    if (!type.starts_with(of_task)) continue;
    const std::string_view callable = first_in_list(std::string_view(type).substr(of_task.size()));
    if (const std::string_view users = users_callable_in(callable); !users.empty()) return call_operator_of(users, functions);
    return function_kept_in(kept, callable, words_before);
  }
  return std::nullopt;
}

/// Finds the user's function that a std::thread runs; the first of these template arguments is the thread's callable.
inline std::optional<frame> function_of_callable(std::string_view arguments, std::uintptr_t code, std::uintptr_t state) {
  const std::string_view callable = first_in_list(arguments);
  if (const std::string_view users = users_callable_in(callable); !users.empty()) return call_operator_of(users, code);
  if (state == 0) return std::nullopt;
  if (callable.starts_with("std::packaged_task<")) return function_of_packaged_task(state);
  return function_kept_in(state, callable);
}

/// Returns the user's function that the thread was made to run; empty if the function is a library's, or not known.
inline std::optional<frame> start_function_of(const live_thread& t) {
  if (t.entry == 0) return std::nullopt;
  frame entry = function_at(t.entry);
  const std::string_view name = entry.function;
  if (name.find("+0x") != std::string_view::npos && !is_runtime_library(entry.module)) return std::nullopt;
  // libc++: void* std::__thread_proxy<std::tuple<std::unique_ptr<std::__thread_struct>, CALLABLE, ...>>(void*)
  constexpr std::string_view of_libcxx = "std::__thread_proxy<std::tuple<";
  if (const std::size_t at = name.find(of_libcxx); at != std::string_view::npos) {
    const std::string_view arguments = name.substr(at + of_libcxx.size());
    const std::string_view own = first_in_list(arguments);
    return function_of_callable(arguments.substr(std::min(own.size() + 1, arguments.size())), t.entry, 0);
  }
  // libstdc++: the argument of its start function is a std::thread::_State, which is there until the thread's function returns
  if (is_runtime_library(entry.module) || is_thread_start(name)) {
    constexpr std::string_view of_libstdcxx = "std::thread::_State_impl<std::thread::_Invoker<std::tuple<";
    const std::string state = type_of_object(t.entry_argument);
    if (!state.starts_with(of_libstdcxx)) return std::nullopt;
    std::uintptr_t functions = 0;
    copy_value(t.entry_argument, functions);
    return function_of_callable(std::string_view(state).substr(of_libstdcxx.size()), functions, t.entry_argument);
  }
  return origin_of(entry) == frame_origin::user ? std::optional(entry) : std::nullopt;
}

/// Whether an inlined function may be this one. Debug information has only the last part of an inlined function's name.
inline bool is_last_part_of(std::string_view shown, std::string_view whole) {
  if (shown.empty() || shown.find("::") != std::string_view::npos) return false;
  const std::string_view base = split_function(whole).base();
  return base.ends_with(shown) && base.substr(0, base.size() - shown.size()).ends_with("::");
}

/// Whether the frame is one that calls the thread's own function: of the kernel's interface, the run-time libraries or taskleak.
inline bool is_around_thread(const frame& f) {
  const frame_origin origin = origin_of(f);
  return origin == frame_origin::thread_start || origin == frame_origin::taskleak ||
         (origin == frame_origin::language && f.function.find("+0x") != std::string::npos);
}

/// Adds the function that the thread was made to run to the stack, as the user's outermost function, unless it is there already;
/// a name that is cut to its last part is made whole. Does nothing to a stack that does not reach the thread's beginning.
///
/// Returns whether the stack has no other function of the user's.
inline bool put_start_function_on(std::vector<frame>& stack, const live_thread& t) {
  std::size_t end = stack.size();
  while (end > 0 && origin_of(stack[end - 1]) != frame_origin::thread_start) --end;
  if (end == 0) return false;
  const std::optional<frame> start = start_function_of(t);
  if (!start) return false;
  const std::string_view name = split_function(start->function).base();
  for (const frame& f : stack)
    if (split_function(f.function).base() == name) return false;
  for (std::size_t i = end; i-- > 0;) {
    if (origin_of(stack[i]) != frame_origin::user) continue;
    if (!is_last_part_of(split_function(stack[i].function).base(), start->function)) break;
    stack[i].function = start->function;
    return false;
  }
  std::size_t at = stack.size();
  while (at > 0 && is_around_thread(stack[at - 1])) --at;
  stack.insert(stack.begin() + static_cast<std::ptrdiff_t>(at), *start);
  return detail::none_of(stack.begin(), stack.end(), [&](const frame& f) {
    const frame_origin origin = origin_of(f);
    return f.function != start->function && (origin == frame_origin::user || origin == frame_origin::internal);
  });
}

}  // namespace taskleak::inline v0::detail

#endif
