// SPDX-License-Identifier: MIT
/// \file What a thread says of its own wait in a blocking_region, which may end while it is read.
#ifndef TASKLEAK_DETAIL_INSPECT_LABELLED_WAIT_HPP
#define TASKLEAK_DETAIL_INSPECT_LABELLED_WAIT_HPP

#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/platform/parked_call.hpp>
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

/// Whether the region lies below the stack pointer: then longjmp() has left it without its destructor.
inline bool is_abandoned(const waiting_region* region, const parked_call& call) noexcept {
  constexpr std::uintptr_t longest_jump = 64 * 1024;  // what lies further below may be another's memory
  if (call.what != parked_call::kind::blocked) return false;
  const auto at = reinterpret_cast<std::uintptr_t>(region);
  return at < call.sp && call.sp - at < longest_jump;
}

/// Empty without a region, and for one that has ended since the thread was copied.
///
/// The label may be gone with its region: it is copied by the kernel, and counts if the thread's note has not changed by then.
inline std::optional<labelled_wait> labelled_wait_of(const live_thread& t, const parked_call& call) {
  if (!t.region || is_abandoned(t.region, call)) return std::nullopt;
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
