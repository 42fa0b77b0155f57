// SPDX-License-Identifier: MIT
/// \file Gives the frame of a coroutine that has handed its thread on to another coroutine the line of its co_await.
#ifndef TASKLEAK_DETAIL_INSPECT_TRANSFER_FRAMES_HPP
#define TASKLEAK_DETAIL_INSPECT_TRANSFER_FRAMES_HPP

#include <taskleak/detail/inspect/source_place.hpp>
#include <taskleak/detail/registry/coroutine_transfers.hpp>
#include <taskleak/detail/symbols/symbolizer.hpp>
#include <taskleak/report.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace taskleak::inline v0::detail {

/// Whether the frames from `begin` on, one function with what is inlined into it, are a coroutine that has resumed another by a
/// handle, in a call that has the line of the coroutine's head; see coroutine_transfers.hpp.
inline bool ends_with_transfer(const std::vector<frame>& stack, std::size_t begin) {
  if (begin == 0 || begin >= stack.size() || stack.back().line == 0) return false;
  const std::string_view called = stack[begin].inlined ? stack[begin].function : stack[begin - 1].function;
  const std::string_view without_class =
      called.substr(called.find("coroutine_handle<") == called.npos ? 0 : called.rfind("::") + 2);
  const bool resumes = without_class.starts_with("resume") || symbols().is_coroutine_body(stack[begin - 1].address);
  return resumes && symbols().has_line_of_coroutine_head(stack.back().address);
}

/// Puts the place there that is known, in place of the head's line, which would be wrong.
inline void set_place_of_transfer(std::vector<frame>& stack, const void* place) {
  frame& coroutine = stack.back();
  const source_place known = read_place(reinterpret_cast<std::uintptr_t>(place), coroutine.address);
  coroutine.line = known.line;
  if (known.line != 0) coroutine.file = known.file;
}

/// Looks up a stack that capture_own_stack() has written.
inline std::vector<frame> frames_of_captured(const std::uintptr_t* entries, std::size_t count) {
  std::vector<frame> stack;
  for (std::size_t i = 0; i < count; ++i) {
    if (entries[i] & transfer_mark) continue;
    const std::size_t begin = stack.size();
    symbols().append(entries[i], true, stack);
    if (!ends_with_transfer(stack, begin)) continue;
    const std::uintptr_t next = i + 1 < count ? entries[i + 1] : 0;
    set_place_of_transfer(stack, next & transfer_mark ? reinterpret_cast<const void*>(next & ~transfer_mark) : nullptr);
  }
  return stack;
}

}  // namespace taskleak::inline v0::detail

#endif
