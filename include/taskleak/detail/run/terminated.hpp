// SPDX-License-Identifier: MIT
/// \file Tells why std::terminate was called: an exception that nobody caught, a joinable std::thread, a pure virtual function.
#ifndef TASKLEAK_DETAIL_RUN_TERMINATED_HPP
#define TASKLEAK_DETAIL_RUN_TERMINATED_HPP

#include <taskleak/detail/base/guarded_call.hpp>
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/detail/symbols/readable.hpp>
#include <taskleak/report.hpp>

#include <cstddef>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <typeinfo>
#include <vector>

#include <cxxabi.h>

namespace taskleak::inline v0::detail {

/// Says who called std::terminate.
enum class terminate_cause : unsigned char {
  call,
  uncaught_exception,
  rethrown_exception,
  noexcept_function,
  joinable_thread,
  pure_virtual_call
};

/// Returns the cause, by the run-time library's functions that called std::terminate(), on a stack with that function.
inline terminate_cause terminate_cause_of(const std::vector<frame>& stack) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < stack.size(); ++i)
    if (stack[i].function == "std::terminate()" || stack[i].function == "std::__terminate()") at = i + 1;
  // the personality function is further in than the throwing one: the exception met a function that does not let it pass
  constexpr std::string_view throwing[] = {"__cxa_throw", "___interceptor___cxa_throw", "std::rethrow_exception("};
  constexpr std::string_view refusing[] = {"__cxa_call_terminate", "__clang_call_terminate", "__gxx_personality_v0"};
  constexpr std::string_view virtual_calls[] = {"__cxa_pure_virtual", "__cxa_deleted_virtual"};
  constexpr std::string_view threads[] = {"std::thread::~thread(", "std::thread::operator=(", "std::__1::thread::~thread(",
                                          "std::__1::thread::operator=("};
  for (; at < stack.size(); ++at) {
    const std::string_view function = stack[at].function;
    if (starts_with_any(function, refusing)) return terminate_cause::noexcept_function;
    if (function.starts_with("__cxa_rethrow")) return terminate_cause::rethrown_exception;
    if (starts_with_any(function, throwing)) return terminate_cause::uncaught_exception;
    if (starts_with_any(function, virtual_calls)) return terminate_cause::pure_virtual_call;
    if (starts_with_any(function, threads)) return terminate_cause::joinable_thread;
    if (origin_of(stack[at]) == frame_origin::user) break;
  }
  return terminate_cause::call;
}

/// Returns `std::runtime_error: no such file` for the exception that is being handled; the type alone if that is no
/// std::exception; an empty text if there is no exception, or one of another language.
inline std::string current_exception_in_words() {
  const std::type_info* const type = abi::__cxa_current_exception_type();
  if (!type) return {};
  int status = 0;
  char* const name = abi::__cxa_demangle(type->name(), nullptr, nullptr, &status);
  std::string words = readable(name ? name : type->name());
  std::free(name);
#if defined(__cpp_exceptions)
  constexpr std::size_t longest = 500;
  try {
    throw;
  } catch (const std::exception& thrown) {
    if (const char* const what = thrown.what()) words.append(": ").append(std::string_view(what).substr(0, longest));
  } catch (...) {  // why: only the name of any other type is known
  }
#endif
  return words;
}

/// Returns what happened, `who` being the thread in words: `an exception left thread 7 "loader": std::runtime_error: no such
/// file`.
inline std::string terminate_in_words(terminate_cause cause, const std::string& who) {
  const std::string exception = current_exception_in_words();
  const std::string with_exception = exception.empty() ? std::string() : ": " + exception;
  switch (cause) {
    case terminate_cause::rethrown_exception:
      if (exception.empty()) return "`throw;` had no exception to throw again on " + who;
      [[fallthrough]];
    case terminate_cause::uncaught_exception: return "an exception left " + who + with_exception;
    case terminate_cause::noexcept_function: return "an exception left a noexcept function on " + who + with_exception;
    case terminate_cause::joinable_thread: return "a std::thread that is joinable was destroyed on " + who;
    case terminate_cause::pure_virtual_call: return "a pure virtual function was called on " + who;
    case terminate_cause::call: break;
  }
  return "std::terminate was called on " + who + (exception.empty() ? "" : ", while it handled " + exception);
}

}  // namespace taskleak::inline v0::detail

#endif
