// SPDX-License-Identifier: MIT
/// \file Reads the calling thread's own stack, without a fault wherever the stack pointer is.
///
/// Most often it is where the system put it, and a read is a load. A fiber, a signal handler and inline assembly run on other
/// stacks, of which nobody says where they end, and call frame information of a function that changes the stack pointer by itself
/// is wrong: what lies outside of the thread's own stack is read through the kernel.
#ifndef TASKLEAK_DETAIL_UNWIND_OWN_MEMORY_HPP
#define TASKLEAK_DETAIL_UNWIND_OWN_MEMORY_HPP

#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/registry/current.hpp>

#include <cstddef>
#include <cstdint>

#include <pthread.h>
#include <sys/auxv.h>
#include <sys/resource.h>

namespace taskleak::inline v0::detail {

/// Returns the bytes of the stack that pthread_create() makes for these attributes, null for none; 0 when that is not known.
inline std::size_t stack_size_of(const pthread_attr_t* attributes) noexcept {
  std::size_t size = 0;
  if (attributes) return pthread_attr_getstacksize(attributes, &size) == 0 ? size : 0;
  static constinit light_atomic<std::size_t> by_default{0};
  if ((size = by_default.load_relaxed()) != 0) return size;
  pthread_attr_t initial;
  if (pthread_attr_init(&initial) != 0) return 0;
  if (pthread_attr_getstacksize(&initial, &size) != 0) size = 0;
  pthread_attr_destroy(&initial);
  by_default.store_relaxed(size);
  return size;
}

/// Notes the bounds on a thread that begins. glibc has the thread's descriptor, which the handle points to, at the top of its
/// stack: nptl, allocate_stack(), also of one that the program brought.
inline void keep_stack_bounds(std::size_t size) noexcept {
  constexpr std::size_t page = 4096;  // for what lies above the descriptor's begin
  if (size <= page) return;
  const std::uintptr_t top = pthread_self();
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  if (here >= top || top - here > size) return;
  this_task.stack_low = top - size + page;
  this_task.stack_high = top;
}

/// Notes the bounds on the main thread. Its stack ends with what the kernel has put there, and grows down to its limit; mappings
/// keep away from it by 128 MiB at least: mmap_base() of arch/x86/mm/mmap.c.
inline void keep_main_stack_bounds() noexcept {
  constexpr std::uintptr_t farthest = std::uintptr_t{64} << 20;
  if (current_tid() != current_pid()) return;
  rlimit limit{};
  const std::uintptr_t top = getauxval(AT_RANDOM) & ~std::uintptr_t{7};
  if (top == 0 || getrlimit(RLIMIT_STACK, &limit) != 0) return;
  this_task.stack_low = top - (limit.rlim_cur < farthest ? limit.rlim_cur : farthest);
  this_task.stack_high = top;
}

class own_memory {
 public:
  explicit own_memory(std::uintptr_t sp) noexcept : low_(sp), high_(sp >= this_task.stack_low ? this_task.stack_high : 0) {}

  /// Whether a word there can be loaded.
  bool is_plain(std::uintptr_t address) const noexcept { return address >= low_ && address < high_ && address % 8 == 0; }

  /// Reads a word. Not instrumented: a saved register may lie where another thread wrote while the memory was something else.
  __attribute__((noinline, no_sanitize("thread", "address"))) bool word(std::uintptr_t address, std::uintptr_t& value) noexcept {
    if (is_plain(address)) {
      value = *reinterpret_cast<const std::uintptr_t*>(address);
      return true;
    }
    if (address - window_at_ > sizeof window_ - sizeof value || window_size_ < address - window_at_ + sizeof value) {
      window_at_ = address;
      window_size_ = copy_memory(address, window_, sizeof window_);
      if (window_size_ < sizeof value) return false;
    }
    __builtin_memcpy(&value, window_ + (address - window_at_), sizeof value);
    return true;
  }

 private:
  std::uintptr_t low_, high_;
  std::uintptr_t window_at_ = 0;
  std::size_t window_size_ = 0;
  unsigned char window_[256];  // small, since the stack may be
};

}  // namespace taskleak::inline v0::detail

#endif
