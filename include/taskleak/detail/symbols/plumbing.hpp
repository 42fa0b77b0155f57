// SPDX-License-Identifier: MIT
/// \file Tells the user's functions on a stack from those of the language, the test framework and taskleak.
#ifndef TASKLEAK_DETAIL_SYMBOLS_PLUMBING_HPP
#define TASKLEAK_DETAIL_SYMBOLS_PLUMBING_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/symbols/library_file.hpp>
#include <taskleak/detail/symbols/module.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace taskleak::inline v0::detail {

/// Says whose function a frame is.
enum class frame_origin : unsigned char {
  user,
  internal,      ///< a library's own below its interface: of Asio, oneTBB, the parallel algorithms, Boost.Function
  entry,         ///< main: the user's, but of no interest below a test
  language,      ///< C and C++ run-time libraries, sanitizers
  thread_start,  ///< what the run-time libraries run before a thread's own function
  test_runner,
  taskleak,
};

/// Whether the name is one of a list with a space before and behind each.
constexpr bool is_listed(std::string_view names, std::string_view name) noexcept {
  for (std::size_t at = names.find(name); at != std::string_view::npos; at = names.find(name, at + 1))
    if (at > 0 && names[at - 1] == ' ' && names[at + name.size()] == ' ') return !name.empty();
  return false;
}

template <std::size_t N>
constexpr bool starts_with_any(std::string_view text, const std::string_view (&prefixes)[N]) noexcept {
  for (const std::string_view prefix : prefixes)
    if (!text.empty() && text[0] == prefix[0] && text.starts_with(prefix)) return true;
  return false;
}

/// Lists C functions of glibc in which threads are parked or created. In a dynamic program their module tells; in a static one
/// only this.
constexpr bool is_c_library_function(std::string_view name) noexcept {
  constexpr std::string_view names =
      " accept accept4 clock_nanosleep connect dlopen epoll_pwait epoll_pwait2 epoll_wait fcntl fgets flock fread "
      "futex_wait getaddrinfo getline io_getevents ioctl mq_receive mq_send mq_timedreceive mq_timedsend msgrcv msgsnd "
      "nanosleep pause poll ppoll pread pread64 pselect pwrite pwrite64 read readv recv recvfrom recvmmsg recvmsg "
      "sched_yield select sem_clockwait sem_timedwait sem_wait semop semtimedop send sendmmsg sendmsg sendto "
      "sigsuspend sigtimedwait sigwait sigwaitinfo sleep splice syscall tgkill usleep wait wait4 waitid waitpid write "
      "writev ";
  // names with a leading double underscore are the implementation's by the language
  return name.starts_with("__") || name.starts_with("pthread_") || name.starts_with("thrd_") || name.starts_with("_dl_") ||
         name.starts_with("_IO_") || name.starts_with("_Unwind_") || is_listed(names, name);
}

/// Whether the module belongs to the C or C++ run-time libraries or to a sanitizer.
constexpr bool is_runtime_library(std::string_view module) noexcept {
  constexpr std::string_view prefixes[] = {"libc.so",   "libc-2.",   "libpthread",  "libstdc++.so", "libc++.so",  "libc++abi.so",
                                           "ld-linux",  "ld-musl",   "libgcc_s",    "libtsan",      "libasan",    "libubsan",
                                           "liblsan",   "libhwasan", "libclang_rt", "linux-vdso",   "librt.so",   "librt-2.",
                                           "libanl.so", "libm.so",   "libdl.so",    "libunwind.so", "vgpreload_", "[vdso]"};
  const std::string_view name = file_name_of(module);
  return starts_with_any(name, prefixes);
}

constexpr bool is_test_framework_library(std::string_view module) noexcept {
  constexpr std::string_view prefixes[] = {"libgtest", "libgmock", "libCatch2", "libcatch2", "libboost_unit_test_framework"};
  const std::string_view name = file_name_of(module);
  return starts_with_any(name, prefixes);
}

/// Whether the function runs tests. Functions that only take a framework's types, or are named after them, do not begin with
/// these.
constexpr bool is_test_runner(std::string_view function) noexcept {
  constexpr std::string_view prefixes[] = {
      "testing::internal::", "testing::Test::",     "testing::TestInfo::",       "testing::TestSuite::",
      "testing::TestCase::", "testing::UnitTest::", "RUN_ALL_TESTS()",           "Catch::",
      "doctest::",           "boost::unit_test::",  "boost::execution_monitor::"};
  return starts_with_any(function, prefixes);
}

/// Whether the function is one that users of Asio, oneTBB, the parallel algorithms or Boost.Function never name: what runs
/// their handlers, threads and coroutines.
constexpr bool is_internal_of_a_library(std::string_view function) noexcept {
  if (function.starts_with("boost::asio::")) function.remove_prefix(std::string_view("boost::").size());
  constexpr std::string_view prefixes[] = {"asio::detail::",
                                           "asio::async_result<",
                                           "asio::async_initiate<",
                                           "asio::awaitable<",
                                           "asio::awaitable_",
                                           "asio::io_context::basic_executor_type<",
                                           "asio::thread_pool::basic_executor_type<",
                                           "asio::any_io_executor::",
                                           "asio::execution::",
                                           "asio::async_compose<",
                                           "asio::experimental::awaitable_operators::detail::",
                                           "asio::experimental::coro<",
                                           "asio::experimental::detail::",
                                           "asio::thread_pool::thread_function::",
                                           "asio_detail_posix_thread_function",
                                           "boost_asio_detail_posix_thread_function",
                                           "boost::detail::do_invoke<",
                                           "boost::detail::forward::",
                                           "boost::detail::function::",
                                           "boost::function0<",
                                           "boost::function_n<",
                                           "tbb::detail::d0::",
                                           "tbb::detail::d1::",
                                           "tbb::detail::d2::",
                                           "tbb::detail::r1::",
                                           "tbb::internal::",
                                           "tbb::interface",
                                           "__pstl::"};
  return starts_with_any(function, prefixes);
}

/// Whether all of the library is below an interface that is in its headers.
constexpr bool is_internal_library(std::string_view module) noexcept {
  constexpr std::string_view prefixes[] = {"libtbb.so", "libtbb_debug.so", "libtbbmalloc"};
  return starts_with_any(file_name_of(module), prefixes);
}

constexpr bool is_thread_start(std::string_view function) noexcept {
  constexpr std::string_view names =
      " __clone __clone3 __libc_start_call_main __libc_start_main __libc_start_main_impl __start_thread _start clone clone3 "
      "execute_native_thread_routine start_thread ";
  // clang links its sanitizers into the program
  return is_listed(names, function) || function.starts_with("__libc_start_main@") || function.starts_with("asan_thread_start(");
}

/// Returns whose function the frame is, judged by itself.
constexpr frame_origin origin_of(const frame& f) noexcept {
  const std::string_view function = f.function;
  if (function.starts_with("taskleak::") || function.starts_with("taskleak_")) return frame_origin::taskleak;
  if (is_own_file(f.file) && may_be_own_function(function)) return frame_origin::taskleak;
  if (function == "main") return frame_origin::entry;
  if (is_thread_start(function)) return frame_origin::thread_start;
  if (is_runtime_library(f.module)) return frame_origin::language;
  if (is_test_runner(function) || is_test_framework_library(f.module)) return frame_origin::test_runner;
  // A function of the user's may have a line in a file of the library's, of what was inlined into it. A specialisation for a
  // user's type is in namespace std, but in a file of the user's.
  if (is_standard_library_file(f.file) ? may_be_language_function(function)
                                       : is_language_function(function) && (f.file.empty() || !function.starts_with("std::")))
    return frame_origin::language;
  // with a file it may be an inlined function of the user's, of which debug information has only the last part of the name
  if (f.file.empty() && function.find_first_of("(<: ") == std::string_view::npos && is_c_library_function(function))
    return frame_origin::language;
  if (is_internal_of_a_library(function) || is_internal_library(f.module)) return frame_origin::internal;
  return frame_origin::user;
}

/// Whether doctest's macros have made the function for the body of a test: a plain one, one for a type, a member of a fixture.
constexpr bool is_test_body_of_doctest(std::string_view function) noexcept {
  constexpr std::string_view digits = "0123456789";
  for (const std::string_view mark : {"DOCTEST_ANON_FUNC_", "DOCTEST_ANON_TMP_", "DOCTEST_ANON_CLASS_"}) {
    const std::size_t at = function.find(mark);
    if (at == std::string_view::npos) continue;
    std::string_view rest = function.substr(at + mark.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(digits), rest.size()));
    if (rest == "()" || rest == "::f()" || (rest.starts_with('<') && rest.ends_with(">()"))) return true;
  }
  return false;
}

/// Whether the frame is the body of a test, and not a lambda in it.
constexpr bool is_test_body(std::string_view function) noexcept {
  if (!function.ends_with("()")) return false;
  if (function.ends_with("::TestBody()") || function.ends_with("::test_method()") || is_test_body_of_doctest(function))
    return true;
  for (const std::string_view mark : {"____C_A_T_C_H____T_E_", "CATCH2_INTERNAL_TE"}) {
    const std::size_t at = function.find(mark);
    if (at == std::string_view::npos) continue;
    if (function.find("lambda", at) == std::string_view::npos && function.find("::$_", at) == std::string_view::npos) return true;
  }
  return false;
}

/// Whether the frame runs all tests: what is below it is the program's start, even in functions of the user's.
constexpr bool is_whole_run(std::string_view function) noexcept {
  return function == "testing::UnitTest::Run()" || function == "RUN_ALL_TESTS()" || function.starts_with("Catch::Session::run") ||
         function == "doctest::Context::run()" || function.starts_with("boost::unit_test::framework::run(");
}

/// Whether the outer function only passes a call through a plain function pointer on to the lambda right above it.
constexpr bool is_lambda_entry(std::string_view inner, std::string_view outer) noexcept {
  if (inner.find("::operator()") == std::string_view::npos) return false;
  for (const std::string_view entry : {"::_FUN(", "::__invoke("}) {
    const std::size_t at = outer.rfind(entry);
    if (at != std::string_view::npos && inner.starts_with(outer.substr(0, at)) && inner.substr(at).starts_with("::operator()"))
      return true;
  }
  return false;
}

/// Returns the first of the template arguments that the text begins with.
constexpr std::string_view first_in_list(std::string_view arguments) noexcept {
  std::size_t depth = 0;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const char c = arguments[i];
    if (c == '(' || c == '<' || c == '{' || c == '[') ++depth;
    if ((c == ',' || c == '>') && depth == 0) return arguments.substr(0, i);
    if (c == ')' || c == '}' || c == ']' || (c == '>' && i > 0 && arguments[i - 1] != '-')) --depth;
  }
  return arguments;
}

/// Sets `plumbing` in every frame of one whole stack, innermost first. Leaves at least one frame without it, if there is any:
/// where the user has no function on the stack, the libraries' frames are all there is to say.
inline void mark_plumbing(std::vector<frame>& stack) {
  light_vector<frame_origin> origins(stack.size());
  bool below_test = false;    // everything is plumbing
  bool below_runner = false;  // main is; a function of the user's may be what calls a mock
  bool any_left = false;
  for (std::size_t i = 0; i < stack.size(); ++i) {
    const frame_origin origin = origin_of(stack[i]);
    origins[i] = origin;
    const bool wanted = origin == frame_origin::user || (origin == frame_origin::entry && !below_runner);
    const bool passes_on = i > 0 && !stack[i - 1].plumbing && is_lambda_entry(stack[i - 1].function, stack[i].function);
    stack[i].plumbing = below_test || !wanted || passes_on;
    any_left = any_left || !stack[i].plumbing;
    below_test = below_test || is_test_body(stack[i].function) || is_whole_run(stack[i].function);
    below_runner = below_runner || below_test || origin == frame_origin::test_runner;
  }
  const auto bring_back = [&](auto wanted) {
    for (std::size_t i = 0; i < stack.size(); ++i) {
      if (!wanted(origins[i])) continue;
      stack[i].plumbing = false;
      any_left = true;
    }
  };
  if (!any_left) bring_back([](frame_origin o) { return o == frame_origin::internal; });
  if (!any_left) bring_back([](frame_origin o) { return o != frame_origin::taskleak && o != frame_origin::thread_start; });
  if (!any_left) bring_back([](frame_origin o) { return o != frame_origin::taskleak; });
  if (!any_left) bring_back([](frame_origin) { return true; });
}

inline std::string note_of_function_that_left(bool may_be_inlined) {
  return std::string("the thread's function is not on the stack: it ") + (may_be_inlined ? "was inlined, or " : "") +
         "left by a tail call";
}

/// Returns why a whole stack of a thread, innermost first, has no function of the user's; empty where it has one, or where that
/// is not certain.
///
/// A function whose last act is a call may leave its place on the stack to what it calls, and one that is called once is inlined.
inline std::string note_of_missing_function(const std::vector<frame>& stack) {
  constexpr std::string_view what_runs = "std::thread::_State_impl<std::thread::_Invoker<std::tuple<";
  bool at_start = false;
  bool may_be_inlined = false;
  for (std::size_t i = 0; i < stack.size() && !at_start; ++i) {
    const frame_origin origin = origin_of(stack[i]);
    if (origin == frame_origin::user || origin == frame_origin::entry || origin == frame_origin::internal) return {};
    may_be_inlined = may_be_inlined || std::string_view(stack[i].function).starts_with(what_runs);
    at_start = origin == frame_origin::thread_start;
    // the C library has threads of its own, which begin in functions that are no one's interface
    if (!at_start) continue;
    if (i == 0) return {};
    // distributions strip the function of libstdc++ that runs a std::thread's state
    const frame& inner = stack[i - 1];
    const bool is_of_language = is_language_function(inner.function) || file_name_of(inner.module).starts_with("libstdc++");
    if (!is_of_language && !is_c_library_function(inner.function)) return {};
  }
  if (!at_start) return {};
  return note_of_function_that_left(may_be_inlined);
}

/// Returns the innermost function of a stack that is shown; null when none is known.
inline const frame* first_shown(const std::vector<frame>& stack) noexcept {
  for (const frame& f : stack)
    if (!f.plumbing && !f.function.empty()) return &f;
  return nullptr;
}

}  // namespace taskleak::inline v0::detail

#endif
