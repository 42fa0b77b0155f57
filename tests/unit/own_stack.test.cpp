// SPDX-License-Identifier: MIT
/// \file The calling thread's own stack: the quick way sees what the unwinder library sees.
#include <taskleak/detail/unwind/own_stack.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <thread>
#include <vector>

#include <alloca.h>
#include <sys/mman.h>
#include <ucontext.h>

namespace {

namespace detail = taskleak::detail;

using stack = std::vector<const void*>;

struct both_ways {
  stack by_steps, by_library;
};

/// What a thread that the hooks see does when it begins.
void begin_on_own_stack() { detail::keep_stack_bounds(detail::stack_size_of(nullptr)); }

[[gnu::noinline]] both_ways capture(std::size_t capacity = 200) {
  if (taskleak::detail::this_task.stack_high == 0) detail::keep_main_stack_bounds();
  both_ways captured;
  captured.by_steps.resize(capacity);
  captured.by_library.resize(capacity);
  captured.by_steps.resize(detail::capture_own_stack_by_steps(captured.by_steps.data(), capacity));
  captured.by_library.resize(detail::capture_own_stack_by_library(captured.by_library.data(), capacity));
  return captured;
}

/// All but the capturing function and the place in capture(), of which each way has its own.
stack callers(const stack& whole) { return whole.size() < 2 ? stack() : stack(whole.begin() + 2, whole.end()); }

void expect_same(const both_ways& captured) {
  ASSERT_GT(captured.by_steps.size(), 3u);
  EXPECT_EQ(callers(captured.by_steps), callers(captured.by_library));
}

template <int Depth>
[[gnu::noinline]] both_ways at_depth(int kept) {
  if constexpr (Depth == 0) {
    return capture();
  } else {
    volatile char frame_of_its_own_size[Depth * 24] = {};
    frame_of_its_own_size[0] = static_cast<char>(kept);
    both_ways captured = at_depth<Depth - 1>(kept + 1);
    frame_of_its_own_size[1] = static_cast<char>(captured.by_steps.size());
    return captured;
  }
}

[[gnu::noinline]] both_ways below_a_frame_of_variable_size(std::size_t bytes) {
  auto* const space = static_cast<volatile char*>(alloca(bytes));
  space[0] = 1;
  both_ways captured = capture();
  space[bytes - 1] = 1;
  return captured;
}

/// A stack with nothing mapped around it, where a read beyond its end is a fault.
class stack_of_its_own {
 public:
  stack_of_its_own() {
    EXPECT_NE(whole_, MAP_FAILED);
    EXPECT_EQ(mprotect(begin(), size, PROT_READ | PROT_WRITE), 0);
  }
  ~stack_of_its_own() { munmap(whole_, size + 2 * page); }
  stack_of_its_own(const stack_of_its_own&) = delete;
  stack_of_its_own& operator=(const stack_of_its_own&) = delete;
  char* begin() const { return static_cast<char*>(whole_) + page; }
  char* end() const { return begin() + size; }
  static constexpr std::size_t size = 64 * 1024;

 private:
  static constexpr std::size_t page = 4096;
  void* whole_ = mmap(nullptr, size + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
};

/// What capture_here() found, and where it returned to.
stack found_there;
const void* returned_to = nullptr;

[[gnu::noinline]] void capture_here() {
  returned_to = __builtin_return_address(0);
  found_there.resize(40);
  found_there.resize(detail::capture_own_stack(found_there.data(), found_there.size()));
}

void expect_found_up_to_the_caller() {
  EXPECT_NE(std::find(found_there.begin(), found_there.end(), returned_to), found_there.end());
}

/// The compiler does not know that the stack is another one during the call, so its call frame information is wrong.
[[gnu::noinline]] void call_on_stack(char* top, void (*function)()) {
#if defined(__aarch64__)
  asm volatile("mov x19, sp\n\tmov sp, %0\n\tblr %1\n\tmov sp, x19"
               :
               : "r"(top), "r"(function)
               : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16",
                 "x17", "x18", "x19", "x30", "memory", "cc");
#else
  asm volatile("mov %%rsp, %%r12\n\tmov %0, %%rsp\n\tcall *%1\n\tmov %%r12, %%rsp"
               :
               : "r"(top), "r"(function)
               : "r12", "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory", "cc");
#endif
}

/// Nor does it know that the frame pointer is none.
[[gnu::noinline]] void call_with_odd_frame_pointer(void (*function)()) {
#if defined(__aarch64__)
  asm volatile("mov x19, x29\n\tmov x29, #0x5555\n\tblr %0\n\tmov x29, x19"
               :
               : "r"(function)
               : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16",
                 "x17", "x18", "x19", "x30", "memory", "cc");
#else
  asm volatile(
      "push %%rbp\n\tmov $0x5555, %%rbp\n\tmov %%rsp, %%r12\n\tand $-16, %%rsp\n\tcall *%0\n\t"
      "mov %%r12, %%rsp\n\tpop %%rbp"
      :
      : "r"(function)
      : "r12", "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory", "cc");
#endif
}

both_ways captured_by_callback;

int compare_and_capture(const void*, const void*) {
  captured_by_callback = capture();
  return 0;
}

}  // namespace

TEST(OwnStack, IsTheLibrarysOnTheMainThread) { expect_same(capture()); }

TEST(OwnStack, IsTheLibrarysThroughThirtyFramesOfDifferentSizes) {
  const both_ways captured = at_depth<30>(0);
  EXPECT_GT(captured.by_steps.size(), 30u);
  expect_same(captured);
}

TEST(OwnStack, IsTheSameWhenTheStepsAreKnownFromBefore) {
  const both_ways first = at_depth<5>(0);
  const both_ways second = at_depth<5>(0);
  EXPECT_EQ(first.by_steps.size(), second.by_steps.size());
  expect_same(second);
}

TEST(OwnStack, IsTheLibrarysBelowFramesOfVariableSize) {
  for (const std::size_t bytes : {16u, 100u, 5000u}) expect_same(below_a_frame_of_variable_size(bytes));
}

TEST(OwnStack, IsTheLibrarysThroughLibc) {
  int two[2] = {2, 1};
  std::qsort(two, 2, sizeof *two, &compare_and_capture);
  expect_same(captured_by_callback);
}

TEST(OwnStack, IsTheLibrarysOnAnotherThread) {
  both_ways captured;
  std::thread([&] {
    begin_on_own_stack();
    captured = at_depth<10>(0);
  }).join();
  expect_same(captured);
}

TEST(OwnStack, EndsWhereInlineAssemblyTookAnotherStack) {
  const stack_of_its_own other;
  for (int again = 0; again < 2; ++again) {
    call_on_stack(other.end(), &capture_here);
    expect_found_up_to_the_caller();
  }
}

TEST(OwnStack, EndsWhereInlineAssemblyTookAnotherStackOnAThread) {
  const stack_of_its_own other;
  std::thread([&] {
    begin_on_own_stack();
    call_on_stack(other.end(), &capture_here);
  }).join();
  expect_found_up_to_the_caller();
}

TEST(OwnStack, EndsWhereTheFramePointerIsNone) {
  call_with_odd_frame_pointer(&capture_here);
  expect_found_up_to_the_caller();
}

TEST(OwnStack, OfAFiberEndsWithTheFiber) {
  const stack_of_its_own other;
  static ucontext_t back, fiber;
  for (int again = 0; again < 2; ++again) {
    ASSERT_EQ(getcontext(&fiber), 0);
    fiber.uc_stack.ss_sp = other.begin();
    fiber.uc_stack.ss_size = stack_of_its_own::size;
    fiber.uc_link = &back;
    makecontext(&fiber, &capture_here, 0);
    ASSERT_EQ(swapcontext(&back, &fiber), 0);
    expect_found_up_to_the_caller();
  }
}

TEST(OwnStack, OfASignalHandlerGoesOnFromItsStackToTheInterruptedOne) {
  const stack_of_its_own other;
  stack_t alternate{};
  alternate.ss_sp = other.begin();
  alternate.ss_size = stack_of_its_own::size;
  ASSERT_EQ(sigaltstack(&alternate, nullptr), 0);
  struct sigaction action {};
  action.sa_flags = SA_ONSTACK;
  action.sa_handler = [](int) { capture_here(); };
  ASSERT_EQ(sigaction(SIGUSR1, &action, nullptr), 0);
  static const void* in_test = nullptr;
  in_test = __builtin_return_address(0);
  raise(SIGUSR1);
  expect_found_up_to_the_caller();
  EXPECT_NE(std::find(found_there.begin(), found_there.end(), in_test), found_there.end());
  alternate.ss_flags = SS_DISABLE;
  sigaltstack(&alternate, nullptr);
}

TEST(OwnStack, StopsAtTheCapacity) {
  const both_ways captured = capture(4);
  EXPECT_EQ(captured.by_steps.size(), 4u);
  expect_same(captured);
}

TEST(OwnStack, RemembersNothingAboutCodeOutsideOfModules) {
  const std::size_t page = 4096;
  void* const code = mmap(nullptr, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(code, MAP_FAILED);
  const auto address = reinterpret_cast<std::uintptr_t>(code);
  EXPECT_FALSE(detail::is_in_module(address));
  EXPECT_TRUE(detail::the_steps.find(address, detail::unloaded_modules()).is_unknown());
  EXPECT_TRUE(detail::is_in_module(reinterpret_cast<std::uintptr_t>(&compare_and_capture)));
  munmap(code, page);
}

TEST(FrameStep, KeepsARowInOneWord) {
  detail::frame_rules row;
  row.cfa_register = detail::dwarf_register::frame_pointer;
  row.cfa_offset = 16;
  row.rules[detail::dwarf_register::return_column] = {detail::register_rule::kind::at_cfa_offset, -8, {}};
  row.rules[detail::dwarf_register::frame_pointer] = {detail::register_rule::kind::at_cfa_offset, -16, {}};
  const auto step = detail::frame_step::of_word(detail::frame_step::of(row).word());
  EXPECT_FALSE(step.is_unknown());
  EXPECT_FALSE(step.is_bottom());
  EXPECT_TRUE(step.cfa_is_from_frame_pointer());
  EXPECT_EQ(step.cfa_offset(), 16u);
  EXPECT_TRUE(step.saves_frame_pointer());
  EXPECT_EQ(step.frame_pointer_slot(), -2);
  EXPECT_FALSE(step.is_by_register());
  EXPECT_EQ(step.return_slot(), -1);
}

TEST(FrameStep, IsUnknownForRowsOfAnotherKind) {
  detail::frame_rules row;
  row.cfa_register = detail::dwarf_register::stack_pointer;
  row.cfa_offset = 16;
  row.rules[detail::dwarf_register::return_column] = {detail::register_rule::kind::at_cfa_offset, -8, {}};
  ASSERT_FALSE(detail::frame_step::of(row).is_unknown());

  auto other = row;
  other.signal_frame = true;
  EXPECT_TRUE(detail::frame_step::of(other).is_unknown());
  other = row;
  other.cfa_register = detail::registers_that_outlive_calls[0];
  EXPECT_TRUE(detail::frame_step::of(other).is_unknown());
  other = row;
  other.rules[detail::dwarf_register::return_column].operand = 8;  // in the caller's frame
  EXPECT_TRUE(detail::frame_step::of(other).is_unknown());
  other = row;
  other.rules[detail::dwarf_register::frame_pointer].how = detail::register_rule::kind::is_expression;
  EXPECT_TRUE(detail::frame_step::of(other).is_unknown());
}
