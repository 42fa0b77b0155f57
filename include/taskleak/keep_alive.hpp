// SPDX-License-Identifier: MIT
/// \file Tells of pointers that no search through memory can find.
#ifndef TASKLEAK_KEEP_ALIVE_HPP
#define TASKLEAK_KEEP_ALIVE_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/base/requirements.hpp>

#include <new>

namespace taskleak::inline v0 {

namespace detail {

struct kept_pointer {
  const void* to;
  kept_pointer* next;
};

/// Heads the list of all kept pointers. Part of the program's static memory, so that what they point to is found from here.
TASKLEAK_SHARED inline constinit light_atomic<kept_pointer*> kept_pointers{nullptr};

}  // namespace detail

/// Tells that the program can reach this object until it ends, by a pointer that is hidden: XORed, relative, compressed, or kept
/// by a device or another process.
///
/// No task that waits for the object, or for what the object leads to, is called orphaned. LeakSanitizer finds the object from
/// here, too. Costs 16 bytes, needs no main line, and may be called by any thread; without memory it does nothing.
///
///     taskleak::keep_alive(queue.get());
///     slot = reinterpret_cast<std::uintptr_t>(queue.release()) ^ mask;
inline void keep_alive(const void* pointer) noexcept {
  auto* const made = new (std::nothrow) detail::kept_pointer{pointer, detail::kept_pointers.load_acquire()};
  if (!made) return;
  while (!detail::kept_pointers.compare_exchange(made->next, made)) {
  }
}

}  // namespace taskleak::inline v0

#endif
