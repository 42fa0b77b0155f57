// SPDX-License-Identifier: MIT
/// \file Functions that several translation units have copies of, of which the linker keeps one.
#ifndef TASKLEAK_TESTS_UNIT_LINE_TABLE_SHARED_HPP
#define TASKLEAK_TESTS_UNIT_LINE_TABLE_SHARED_HPP

#include <cstdint>
#include <vector>

/// A return address and the line of its call, which is in this header.
struct called_at {
  std::uintptr_t address;
  unsigned line;
};

[[gnu::noinline]] inline std::uintptr_t caller_address() { return reinterpret_cast<std::uintptr_t>(__builtin_return_address(0)); }

[[gnu::noinline]] inline called_at shared_first() { return {caller_address(), __LINE__}; }

template <int>
[[gnu::noinline]] called_at shared_template() {
  called_at made{};
  made.line = __LINE__ + 1;
  made.address = caller_address();
  return made;
}

[[gnu::noinline]] inline called_at shared_second() { return {caller_address(), __LINE__}; }

struct shared_class {
  [[gnu::noinline]] called_at member() const { return {caller_address(), __LINE__}; }
};

[[gnu::noinline]] inline called_at shared_last() { return {caller_address(), __LINE__}; }

/// An address in the function that this one is inlined into.
[[gnu::always_inline]] inline std::uintptr_t inlined_return_address() {
  std::uintptr_t found = 0;
  found = caller_address();
  return found;
}

std::vector<called_at> calls_of_second_unit();
std::vector<called_at> calls_of_third_unit();

#endif
