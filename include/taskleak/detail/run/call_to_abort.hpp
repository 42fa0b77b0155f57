// SPDX-License-Identifier: MIT
/// \file Tells whether a SIGABRT is the thread's own doing, and by which function: abort, a failed assertion, raise,
/// std::terminate.
#ifndef TASKLEAK_DETAIL_RUN_CALL_TO_ABORT_HPP
#define TASKLEAK_DETAIL_RUN_CALL_TO_ABORT_HPP

#include <taskleak/detail/platform/loaded_modules.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/unwind/signal_stack.hpp>

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>

#include <dlfcn.h>

extern "C" {
// why: assert.h declares these functions only without NDEBUG, but the libraries of a program with NDEBUG may have assertions.
// They have names of our own here, since compilers warn of a second declaration.
void taskleak_address_of_assert_fail() noexcept __asm__("__assert_fail");
void taskleak_address_of_assert_perror_fail() noexcept __asm__("__assert_perror_fail");
}

namespace taskleak::inline v0::detail {

/// Holds where the functions are that end a process by SIGABRT. They are looked up once, at the beginning of a run, since a
/// signal handler may not look up symbols.
struct abort_functions {
  std::uintptr_t raise = 0;
  std::uintptr_t abort = 0;
  std::uintptr_t assertion = 0;
  std::uintptr_t assertion_of_errno = 0;
  std::uintptr_t terminate = 0;
  std::uintptr_t libc_begin = 0;  ///< where the C library's code begins; in a static link, the program's code
  std::uintptr_t libc_end = 0;

  bool is_in_libc(std::uintptr_t address) const noexcept { return address - libc_begin < libc_end - libc_begin; }
  bool has(std::uintptr_t function) const noexcept {
    return function != 0 && (function == raise || function == abort || function == assertion || function == assertion_of_errno);
  }
};

inline abort_functions the_abort_functions;

inline void find_abort_functions() noexcept {
  // libc's own, not a sanitizer's interceptors, which come first in the search
  void* const libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
  const auto start = [&](const char* name, void* otherwise) {
    void* const found = libc ? dlsym(libc, name) : nullptr;
    return function_start(reinterpret_cast<std::uintptr_t>(found ? found : otherwise));
  };
  abort_functions& f = the_abort_functions;
  f.raise = start("raise", reinterpret_cast<void*>(&::raise));
  f.abort = start("abort", reinterpret_cast<void*>(&::abort));
  f.assertion = start("__assert_fail", reinterpret_cast<void*>(&taskleak_address_of_assert_fail));
  f.assertion_of_errno = start("__assert_perror_fail", reinterpret_cast<void*>(&taskleak_address_of_assert_perror_fail));
  void* const terminate = dlsym(RTLD_DEFAULT, "_ZSt9terminatev");
  f.terminate =
      function_start(reinterpret_cast<std::uintptr_t>(terminate ? terminate : reinterpret_cast<void*>(&std::terminate)));
  const loaded_piece libc_code = piece_at(f.abort);
  f.libc_begin = libc_code.begin;
  f.libc_end = libc_code.begin + libc_code.size;
}

/// Whether no frame of the stack is in the C library, but for those that started the thread: then the thread holds no lock of the
/// library. Returns false in a static link, where nothing tells.
inline bool is_outside_of_libc(const signal_safe_stack& stack) noexcept {
  const abort_functions& known = the_abort_functions;
  if (!stack.is_complete() || known.is_in_libc(reinterpret_cast<std::uintptr_t>(&find_abort_functions))) return false;
  std::size_t i = 0;
  while (i < stack.size() && !known.is_in_libc(stack.address(i))) ++i;
  while (i < stack.size() && known.is_in_libc(stack.address(i))) ++i;  // the functions that started the thread
  if (i < stack.size() && i + 1 == stack.size()) ++i;                  // _start, which is part of the program
  return i == stack.size() && !known.is_in_libc(stack.address(0));
}

/// Says what a SIGABRT is about.
struct call_to_abort {
  enum class kind : unsigned char { none, raise, abort, assertion };

  kind how = kind::none;        ///< none: the signal was sent from elsewhere
  bool by_the_program = false;  ///< whether the program aborts, and not the C library, as it does when the heap is broken
  bool in_terminate = false;    ///< whether std::terminate is on the stack
};

/// Returns what the thread's own call was. raise() and abort() send the signal to the calling thread by tgkill(2), so the signal
/// arrives before the call returns, with the functions still on the stack.
inline call_to_abort call_to_abort_of(const siginfo_t& info, const signal_registers& r, const signal_safe_stack& stack) noexcept {
  call_to_abort call;
  if ((info.si_code != SI_TKILL && info.si_code != SI_USER) || info.si_pid != current_pid()) return call;
  const abort_functions& known = the_abort_functions;
  constexpr std::size_t near = 12;
  std::size_t outermost = stack.size();
  for (std::size_t i = 0; i < stack.size(); ++i) {
    if (i < near && known.has(stack.function(i))) outermost = i;
    if (known.terminate != 0 && stack.function(i) == known.terminate) call.in_terminate = true;
  }
  if (outermost < stack.size()) {
    const std::uintptr_t function = stack.function(outermost);
    call.how = function == known.raise   ? call_to_abort::kind::raise
               : function == known.abort ? call_to_abort::kind::abort
                                         : call_to_abort::kind::assertion;
    call.by_the_program = outermost + 1 < stack.size() && !known.is_in_libc(stack.address(outermost + 1));
    return call;
  }
  // pthread_kill(pthread_self()), tgkill, kill(getpid())
  const bool is_tgkill = has_raised_by_tgkill(r, current_pid(), current_tid(), info.si_signo);
  const bool is_kill = has_raised_by_kill(r, current_pid(), info.si_signo);
  // raise() with the signal blocked: the signal is pending until the thread unblocks it; one from elsewhere would arrive
  // elsewhere
  const bool is_unblocked = interrupted_call(r).what != parked_call::kind::blocked && !is_outside_of_libc(stack);
  if (info.si_code == SI_TKILL ? is_tgkill || is_unblocked : is_kill) call.how = call_to_abort::kind::raise;
  return call;
}

}  // namespace taskleak::inline v0::detail

#endif
