// SPDX-License-Identifier: MIT
/// \file Defines malloc() and its kin, which note the stack that asks for a block.
#ifndef TASKLEAK_DETAIL_PROBE_HEAP_MALLOC_HOOKS_HPP
#define TASKLEAK_DETAIL_PROBE_HEAP_MALLOC_HOOKS_HPP

#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/platform/allocation_source.hpp>
#include <taskleak/detail/platform/child_process.hpp>
#include <taskleak/detail/probe/heap/block_sites.hpp>
#include <taskleak/detail/unwind/own_stack.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <iterator>

// glibc's functions under their second names, malloc/malloc.c: dlsym() would call malloc() itself
extern "C" {
void* __libc_malloc(std::size_t bytes);
void* __libc_calloc(std::size_t count, std::size_t bytes);
void* __libc_realloc(void* block, std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);
void __libc_free(void* block);
}

namespace taskleak::inline v0::detail {
namespace {

constinit block_sites noted_blocks;
constinit light_atomic<bool> blocks_are_noted{false};
/// Whether the calling thread is in a hook: to walk a stack may take a block for the first time.
constinit thread_local bool is_noting_block = false;

/// Whether this is a copy of a process, in which a lock of the table may be held for ever.
inline bool has_locks_of_others() noexcept { return is_forked_child() || is_frozen_copy(); }

[[gnu::noinline]] void note_block(void* block) noexcept {
  if (is_noting_block || has_locks_of_others()) return;
  is_noting_block = true;
  const int errno_before = errno;
  constexpr std::size_t own = 2;  // the frames of this function and of the hook
  const void* stack[block_sites::longest_stack + own];
  const std::size_t depth = capture_own_stack(stack, std::size(stack));
  if (depth > own) noted_blocks.note(reinterpret_cast<std::uintptr_t>(block), stack + own, depth - own);
  errno = errno_before;
  is_noting_block = false;
}

inline void* noted(void* block) noexcept {
  if (block && blocks_are_noted.load_relaxed()) [[unlikely]]
    note_block(block);
  return block;
}

inline void forget_block(void* block) noexcept {
  if (!block || !blocks_are_noted.load_relaxed() || has_locks_of_others()) [[likely]]
    return;
  noted_blocks.forget(reinterpret_cast<std::uintptr_t>(block));
}

constexpr allocation_source source_of_program{[]() noexcept { blocks_are_noted.store_relaxed(true); },
                                              [](std::uintptr_t block, std::uintptr_t* addresses, std::size_t most) noexcept {
                                                return noted_blocks.find(block, addresses, most);
                                              }};

}  // namespace
}  // namespace taskleak::inline v0::detail

#define TASKLEAK_MALLOC extern "C" __attribute__((visibility("default"), noinline))

TASKLEAK_MALLOC const taskleak::detail::allocation_source* taskleak_allocation_source() noexcept {
  return &taskleak::detail::source_of_program;
}

// The names for the compiler are others than the linker's: a compiler knows malloc() and calloc(), and may turn one into a call
// of itself.
TASKLEAK_MALLOC void* taskleak_malloc(std::size_t bytes) noexcept __asm__("malloc");
void* taskleak_malloc(std::size_t bytes) noexcept { return taskleak::detail::noted(__libc_malloc(bytes)); }

TASKLEAK_MALLOC void* taskleak_calloc(std::size_t count, std::size_t bytes) noexcept __asm__("calloc");
void* taskleak_calloc(std::size_t count, std::size_t bytes) noexcept {
  return taskleak::detail::noted(__libc_calloc(count, bytes));
}

TASKLEAK_MALLOC void* taskleak_realloc(void* block, std::size_t bytes) noexcept __asm__("realloc");
void* taskleak_realloc(void* block, std::size_t bytes) noexcept {
  taskleak::detail::forget_block(block);  // before another thread can be given it
  void* const made = __libc_realloc(block, bytes);
  if (!made && bytes != 0) taskleak::detail::noted(block);  // it is where it was
  return taskleak::detail::noted(made);
}

TASKLEAK_MALLOC void taskleak_free(void* block) noexcept __asm__("free");
void taskleak_free(void* block) noexcept {
  taskleak::detail::forget_block(block);
  __libc_free(block);
}

TASKLEAK_MALLOC void* taskleak_memalign(std::size_t alignment, std::size_t bytes) noexcept __asm__("memalign");
void* taskleak_memalign(std::size_t alignment, std::size_t bytes) noexcept {
  return taskleak::detail::noted(__libc_memalign(alignment, bytes));
}

TASKLEAK_MALLOC void* taskleak_aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept __asm__("aligned_alloc");
void* taskleak_aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept {
  return taskleak::detail::noted(__libc_memalign(alignment, bytes));
}

TASKLEAK_MALLOC int taskleak_posix_memalign(void** block, std::size_t alignment, std::size_t bytes) noexcept
    __asm__("posix_memalign");
int taskleak_posix_memalign(void** block, std::size_t alignment, std::size_t bytes) noexcept {
  if (alignment % sizeof(void*) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
  const int errno_before = errno;  // which the function leaves alone
  void* const made = __libc_memalign(alignment, bytes);
  errno = errno_before;
  if (!made) return ENOMEM;
  *block = taskleak::detail::noted(made);
  return 0;
}

#undef TASKLEAK_MALLOC

#endif
