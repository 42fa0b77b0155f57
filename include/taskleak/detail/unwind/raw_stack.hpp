// SPDX-License-Identifier: MIT
/// \file Holds what a walk over a stack finds.
#ifndef TASKLEAK_DETAIL_UNWIND_RAW_STACK_HPP
#define TASKLEAK_DETAIL_UNWIND_RAW_STACK_HPP

#include <taskleak/detail/base/light_vector.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace taskleak::inline v0::detail {

/// Holds an address of a stack with all bits turned. As it is it would be a pointer into the stack, also in a block that the
/// allocator has given to somebody else since, and who reaches a thread's stack reaches what the thread waits for.
class turned_address {
 public:
  constexpr turned_address() noexcept = default;
  constexpr turned_address(std::uintptr_t address) noexcept : turned_(~address) {}
  constexpr operator std::uintptr_t() const noexcept { return ~turned_; }

 private:
  std::uintptr_t turned_ = ~std::uintptr_t{0};
};

/// Holds addresses of a stack, innermost first: the program counter, then return addresses.
struct raw_stack {
  std::vector<std::uintptr_t> addresses;
  light_vector<bool> interrupted;    ///< parallel: the address is that of an instruction, not a return address
  std::vector<turned_address> ends;  ///< parallel: where the function's frame ends; 0 where that is not known
  bool complete = false;             ///< it ends where the thread began

  void add(std::uintptr_t address, bool is_interrupted) {
    addresses.push_back(address);
    interrupted.push_back(is_interrupted);
    ends.push_back(0);
  }
};

/// Is as many frames as fit into the largest stacks that are in use: a stack without an end must come to one here.
inline constexpr std::size_t deepest_stack = 1 << 20;

}  // namespace taskleak::inline v0::detail

#endif
