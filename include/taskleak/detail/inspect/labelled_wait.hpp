// SPDX-License-Identifier: MIT
/// \file Reads what a thread says of its own wait in a blocking_region, which may end meanwhile.
#ifndef TASKLEAK_DETAIL_INSPECT_LABELLED_WAIT_HPP
#define TASKLEAK_DETAIL_INSPECT_LABELLED_WAIT_HPP

#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/probe/thread/live_thread.hpp>
#include <taskleak/detail/registry/current.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

namespace taskleak::inline v0::detail {

struct labelled_wait {
  std::string label;
  const void* object;
};

/// Returns the wait that the innermost region names; empty without a region, and if it has ended since the thread was copied.
///
/// The label may be gone with its region: the kernel copies the label, and the copy counts if the thread's note has not changed.
inline std::optional<labelled_wait> labelled_wait_of(const live_thread& t) {
  if (!t.region) return std::nullopt;
  waiting_region region{};
  if (!copy_value(reinterpret_cast<std::uintptr_t>(t.region), region) || region.of != t.note) return std::nullopt;
  char text[64];
  const std::size_t got = copy_memory(reinterpret_cast<std::uintptr_t>(region.label), text, sizeof text);
  const std::size_t length = strnlen(text, got);
  if (length == 0 || t.note->changes.load_acquire() != t.note_changes) return std::nullopt;
  return labelled_wait{std::string(text, length), region.object};
}

}  // namespace taskleak::inline v0::detail

#endif
