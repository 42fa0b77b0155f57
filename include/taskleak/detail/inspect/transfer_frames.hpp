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
  const std::string_view inlined = stack[begin].inlined ? std::string_view(stack[begin].function) : std::string_view();
  // one that the user has written most often has the promise's type
  constexpr std::string_view by_compiler = "coroutine_handle<void>::resume";
  const bool resumes = inlined.starts_with("resume") || stack[begin - 1].function.find(by_compiler) != std::string::npos ||
                       symbols().is_coroutine_body(stack[begin - 1].address);
  return resumes && symbols().has_line_of_coroutine_head(stack.back().address);
}

/// Puts what is known of the transfer in the place of the head's line, which would be wrong. Takes the frame away if the
/// coroutine does not wait there any more.
inline void show_transfer(std::vector<frame>& stack, std::size_t begin, const coroutine_transfer& known) {
  if (known.is_over) {
    stack.resize(begin);
    return;
  }
  frame& coroutine = stack.back();
  const source_place place = read_place(reinterpret_cast<std::uintptr_t>(known.place), coroutine.address);
  coroutine.line = place.line;
  if (place.line != 0) coroutine.file = place.file;
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
    show_transfer(stack, begin, next & transfer_mark ? transfer_of_entry(next) : coroutine_transfer{});
  }
  return stack;
}

}  // namespace taskleak::inline v0::detail

#endif
