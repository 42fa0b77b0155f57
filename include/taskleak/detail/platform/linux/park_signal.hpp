// SPDX-License-Identifier: MIT
/// \file Holds a running thread for the moment it takes to copy its registers and stack.
///
/// Only for threads that do not sit in a system call: for those the kernel tells all without a signal, and signals make some
/// calls return early (signal(7), "Interruption of system calls").
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_PARK_SIGNAL_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_PARK_SIGNAL_HPP

#include <taskleak/detail/config.hpp>
#include <taskleak/detail/inspect/unwind/registers.hpp>
#include <taskleak/detail/platform/linux/foreign_memory.hpp>
#include <taskleak/detail/platform/linux/system.hpp>

#include <csignal>
#include <cstdint>
#include <mutex>
#include <optional>

#include <sched.h>
#include <ucontext.h>

#if defined(__SANITIZE_THREAD__)
#define TASKLEAK_UNINSTRUMENTED [[gnu::no_sanitize_thread]]
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TASKLEAK_UNINSTRUMENTED [[clang::no_sanitize("thread")]]
#endif
#endif
#if !defined(TASKLEAK_UNINSTRUMENTED)
#define TASKLEAK_UNINSTRUMENTED
#endif

namespace taskleak::inline v0::detail {

/// What passes between the thread that asks and the thread that is held.
struct park_request {
  /// asked -> claimed (by the handler) -> held -> let_go -> gone, or asked -> abandoned (by the one who asked).
  enum : std::uint32_t { asked, claimed, held, let_go, gone, abandoned };

  int tid = 0;
  std::uint32_t stage = asked;
  std::uintptr_t values[dwarf_register::count]{};
};

/// The one request under way; null for none. A signal that comes late, to a thread nobody waits for any more, finds it so.
TASKLEAK_SHARED inline constinit park_request* park_request_under_way = nullptr;

/// The layout that rt_sigaction(2) takes from user space, which libc's struct sigaction is not.
struct kernel_sigaction {
  void (*handler)(int, siginfo_t*, void*);
  unsigned long flags;
  void (*restorer)();
  std::uint64_t mask;
};

// The handler runs on a thread in any state, also inside a sanitizer's runtime: plain instructions only, no library call.
// Clang instruments atomics even in functions that are exempt from its thread sanitizer, so they are written in assembly.

TASKLEAK_UNINSTRUMENTED inline std::uint32_t plain_load(const std::uint32_t* word) noexcept {
  std::uint32_t value;
  asm volatile("movl (%1), %0" : "=r"(value) : "r"(word) : "memory");
  return value;
}
TASKLEAK_UNINSTRUMENTED inline void plain_store(std::uint32_t* word, std::uint32_t value) noexcept {
  asm volatile("movl %1, (%0)" ::"r"(word), "r"(value) : "memory");
}
/// Changes the word if it holds the expected value; whether it did.
TASKLEAK_UNINSTRUMENTED inline bool plain_exchange_if(std::uint32_t* word, std::uint32_t expected, std::uint32_t value) noexcept {
  std::uint32_t found = expected;
  asm volatile("lock cmpxchgl %2, (%1)" : "+a"(found) : "r"(word), "r"(value) : "memory", "cc");
  return found == expected;
}
TASKLEAK_UNINSTRUMENTED inline long plain_syscall(long number) noexcept {
  long result;
  asm volatile("syscall" : "=a"(result) : "a"(number) : "rcx", "r11", "memory");
  return result;
}

/// sigreturn, as libc's own restorer: rt_sigaction wants one on x86-64.
[[gnu::naked, gnu::noinline]] inline void park_signal_return() { asm volatile("movq $15, %rax\n\tsyscall"); }

TASKLEAK_UNINSTRUMENTED [[gnu::noinline]] inline void park_signal_handler(int, siginfo_t*, void* context) {
  park_request* request;
  asm volatile("movq (%1), %0" : "=r"(request) : "r"(&park_request_under_way) : "memory");
  if (!request || request->tid != static_cast<int>(plain_syscall(SYS_gettid))) return;
  if (!plain_exchange_if(&request->stage, park_request::asked, park_request::claimed)) return;
  const greg_t* r = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  // in the order of DWARF's numbers
  static constexpr int order[dwarf_register::count] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI,
                                                       REG_RBP, REG_RSP, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                                       REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};
  for (unsigned i = 0; i < dwarf_register::count; ++i) request->values[i] = static_cast<std::uintptr_t>(r[order[i]]);
  plain_store(&request->stage, park_request::held);
  while (plain_load(&request->stage) == park_request::held) plain_syscall(SYS_sched_yield);
  plain_store(&request->stage, park_request::gone);
}

/// Picks a real-time signal that the program does not use, and installs the handler for good; 0 when there is none.
///
/// Through the system call itself: a sanitizer's sigaction would put the handler off until the thread calls it.
inline int park_signal() noexcept {
  static const int chosen = [] {
    for (int number = SIGRTMAX - 2; number > SIGRTMIN + 2; --number) {
      kernel_sigaction before{};
      if (syscall(SYS_rt_sigaction, number, nullptr, &before, sizeof before.mask) != 0 || before.handler) continue;
      kernel_sigaction ours{&park_signal_handler, SA_SIGINFO | SA_RESTART | SA_ONSTACK | 0x04000000UL /* SA_RESTORER */,
                            &park_signal_return, ~std::uint64_t{0}};
      if (syscall(SYS_rt_sigaction, number, &ours, nullptr, sizeof ours.mask) == 0) return number;
    }
    return 0;
  }();
  return chosen;
}

struct held_thread {
  registers frame;
  stack_copy stack;
};

/// Holds the thread, copies its registers and up to 256 KiB of its stack, and lets it go.
/// Empty when the thread blocks the signal or does not get to run within 200 ms.
inline std::optional<held_thread> copy_running_thread(int tid) {
  static constinit std::mutex one_at_a_time;
  const int number = park_signal();
  if (number == 0) return std::nullopt;
  stack_copy::buffer room(256 * 1024);
  // Outlives the call when the thread never answers: a handler that comes very late may still look at it.
  static constinit park_request request;

  const std::lock_guard lock(one_at_a_time);
  request.tid = tid;
  plain_store(&request.stage, park_request::asked);
  __atomic_store_n(&park_request_under_way, &request, __ATOMIC_SEQ_CST);
  std::optional<held_thread> result;
  if (syscall(SYS_tgkill, current_pid(), tid, number) == 0) {
    const std::int64_t deadline = now_ns() + 200'000'000;
    while (plain_load(&request.stage) == park_request::asked && now_ns() < deadline) sched_yield();
    if (!plain_exchange_if(&request.stage, park_request::asked, park_request::abandoned)) {
      while (plain_load(&request.stage) != park_request::held) sched_yield();
      registers frame;
      for (unsigned i = 0; i < dwarf_register::count; ++i) frame.set(i, request.values[i]);
      stack_copy stack(frame[dwarf_register::rsp], static_cast<stack_copy::buffer&&>(room));
      plain_store(&request.stage, park_request::let_go);
      while (plain_load(&request.stage) != park_request::gone) sched_yield();
      result.emplace(held_thread{frame, static_cast<stack_copy&&>(stack)});
    }
  }
  __atomic_store_n(&park_request_under_way, static_cast<park_request*>(nullptr), __ATOMIC_SEQ_CST);
  return result;
}

}  // namespace taskleak::inline v0::detail

#endif
