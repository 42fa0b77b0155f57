// SPDX-License-Identifier: MIT
/// \file Calls a function at the very end of the process, behind the destructors of all static objects. To be included in one
/// source file of a program only.
///
/// Handlers of exit() run in the reverse order of their registration. In an executable the functions in .preinit_array run before
/// all constructors, those of its libraries too, and before libc has registered the loader's clean-up, which runs the libraries'
/// destructors (glibc, csu/libc-start.c and elf/rtld.c). A shared object has no such section: there the handler is registered
/// with the first of the object's constructors, and the libraries that it needs are destroyed later.
#ifndef TASKLEAK_DETAIL_RUN_AFTER_DESTRUCTORS_HPP
#define TASKLEAK_DETAIL_RUN_AFTER_DESTRUCTORS_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/platform/choice.hpp>

#include <cstdlib>

namespace taskleak::inline v0::detail {

/// Is given the exit code, and returns the code to end with. Null while nobody has something to do at the end.
using end_function = int (*)(int exit_code);
TASKLEAK_SHARED inline constinit light_atomic<end_function> after_destructors{nullptr};

#if defined(TASKLEAK_ON_LINUX)
TASKLEAK_SHARED inline constinit light_atomic<bool> waits_for_destructors{false};

inline void call_after_destructors(int code, void*) noexcept {
  const end_function call = after_destructors.exchange(nullptr);
  if (!call) return;
  // exit() in a handler goes on with the handlers that are left, and with the new code: see fail_at_exit.hpp
  if (const int other = call(code); other != code) std::exit(other);
}

inline void wait_for_destructors() noexcept {
  if (!waits_for_destructors.exchange(true)) on_exit(&call_after_destructors, nullptr);
}

namespace {
#if defined(__PIC__) && !defined(__PIE__)
[[gnu::constructor(101)]] void wait_for_destructors_first() noexcept { wait_for_destructors(); }
#else
[[gnu::section(".preinit_array"), gnu::used]] void (*wait_for_destructors_first)() = &wait_for_destructors;
#endif
}  // namespace
#endif

}  // namespace taskleak::inline v0::detail

#endif
