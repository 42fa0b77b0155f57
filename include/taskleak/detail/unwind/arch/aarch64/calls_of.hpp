// SPDX-License-Identifier: MIT
/// \file Finds all calls of a function in the code of all modules.
///
/// A function that calls no other keeps its return address in x30 alone, and of a thread in a system call the kernel tells the
/// stack pointer and the program counter. Of libc's functions that wait only a few are so: syscall() and flock(), for two.
#ifndef TASKLEAK_DETAIL_UNWIND_ARCH_AARCH64_CALLS_OF_HPP
#define TASKLEAK_DETAIL_UNWIND_ARCH_AARCH64_CALLS_OF_HPP

#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/platform/loaded_modules.hpp>
#include <taskleak/detail/unwind/arch/aarch64/code.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace taskleak::inline v0::detail {

/// Holds the return addresses of the direct calls of one function.
class calls_of_function {
 public:
  explicit calls_of_function(std::uintptr_t function) : function_(function), loads_(loads_so_far()), targets_{function} {
    any_loaded_piece([&](const loaded_piece& piece) {
      if (piece.is_code && piece.contains(function)) search_for_tail_calls(piece);
      return false;
    });
    any_loaded_piece([&](const loaded_piece& piece) {
      if (piece.is_code) search(piece);
      return false;
    });
  }

  bool is_of(std::uintptr_t function) const noexcept { return function_ == function && loads_ == loads_so_far(); }
  const std::vector<std::uintptr_t>& return_addresses() const noexcept { return return_addresses_; }

 private:
  static unsigned long long loads_so_far() noexcept {
    const loader_counts counts = count_loads();
    return counts.loads + counts.unloads;
  }

  /// Finds the functions that jump to this one as their last act, as semop() does to semtimedop(): they are called in its place.
  void search_for_tail_calls(const loaded_piece& piece) {
    for_each_instruction(piece, [&](std::uintptr_t at, const std::uint32_t* code, std::size_t) {
      if (!plain_branch.fits(*code) || target_of_branch(at, *code) != function_) return;
      const std::uintptr_t start = function_start(at);
      if (start != 0 && start != function_ && !is_target(start)) targets_.push_back(start);
    });
  }

  bool is_target(std::uintptr_t address) const noexcept {
    return std::find(targets_.begin(), targets_.end(), address) != targets_.end();
  }

  /// Searches first for the linkage tables' entries that lead to the targets, then for calls of both.
  void search(const loaded_piece& piece) {
    constexpr std::size_t size_of_entry = 4;
    const std::size_t functions = targets_.size();
    for_each_instruction(piece, [&](std::uintptr_t at, const std::uint32_t* code, std::size_t left) {
      constexpr std::uint32_t landing_pad = 0xD503245F;  // bti c
      if (left < size_of_entry) return;
      const std::uintptr_t slot = slot_of_linkage_table(at, code);
      std::uintptr_t leads_to = 0;
      if (slot == 0 || !copy_value(slot, leads_to) || !is_target(leads_to)) return;
      std::uint32_t before = 0;
      targets_.push_back(copy_value(at - sizeof before, before) && before == landing_pad ? at - sizeof before : at);
    });
    for_each_instruction(piece, [&](std::uintptr_t at, const std::uint32_t* code, std::size_t) {
      if (branch_with_link.fits(*code) && is_target(target_of_branch(at, *code))) return_addresses_.push_back(at + sizeof *code);
    });
    targets_.resize(functions);
  }

  /// Reads the code in pieces through the kernel: a module may be taken away meanwhile.
  template <class Visit>
  static void for_each_instruction(const loaded_piece& piece, Visit&& visit) {
    constexpr std::size_t at_once = 16384, overlap = 4;
    std::vector<std::uint32_t> code(at_once + overlap);
    for (std::uintptr_t from = piece.begin; from < piece.begin + piece.size; from += at_once * sizeof code[0]) {
      const std::size_t wanted = std::min<std::uintptr_t>(code.size() * sizeof code[0], piece.begin + piece.size - from);
      const std::size_t count = copy_memory(from, code.data(), wanted) / sizeof code[0];
      for (std::size_t i = 0; i < std::min(count, at_once); ++i) visit(from + i * sizeof code[0], &code[i], count - i);
    }
  }

  std::uintptr_t function_;
  unsigned long long loads_;
  std::vector<std::uintptr_t> targets_;
  std::vector<std::uintptr_t> return_addresses_;
};

/// Returns where a function that calls no other may return to. What was found is kept for the function that was asked for last,
/// and is taken out while it is used: no lock is held while it allocates.
inline std::vector<std::uintptr_t> return_addresses_of(std::uintptr_t function) {
  static constinit std::atomic<calls_of_function*> kept{nullptr};
  std::unique_ptr<calls_of_function> calls(kept.exchange(nullptr, std::memory_order_acquire));
  if (!calls || !calls->is_of(function)) calls = std::make_unique<calls_of_function>(function);
  std::vector<std::uintptr_t> found = calls->return_addresses();
  calls_of_function* none = nullptr;
  if (kept.compare_exchange_strong(none, calls.get(), std::memory_order_release)) static_cast<void>(calls.release());
  return found;
}

}  // namespace taskleak::inline v0::detail

#endif
