// SPDX-License-Identifier: MIT
/// \file Stacks of a report as Boost.Stacktrace's, with the backend that this file is compiled for.
#include <taskleak/boost_stacktrace.hpp>

#include "parked_thread.hpp"
#include <boost/functional/hash.hpp>
#include <gmock/gmock.h>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <unistd.h>

namespace {

using namespace unit;
using boost::stacktrace::stacktrace;
using testing::HasSubstr;

[[gnu::noinline]] void waits_at(gate& at) {
  at.wait();
  asm volatile("");  // no tail call: the function stays on the stack
}

[[gnu::noinline]] void goes_down(gate& at, int levels) {
  if (levels > 0)
    goes_down(at, levels - 1);
  else
    waits_at(at);
  asm volatile("");
}

/// A thread that waits below so many calls of one function by itself.
class waiting_thread {
 public:
  explicit waiting_thread(int levels)
      : thread_([this, levels] {
          tid_.tell();
          goes_down(gate_, levels);
        }) {}
  ~waiting_thread() {
    gate_.open();
    thread_.join();
  }
  std::vector<taskleak::frame> stack() const { return parked_thread(tid_.get()).stack; }
  std::vector<taskleak::frame> creation_stack() const { return parked_thread(tid_.get()).creation_stack; }

 private:
  gate gate_;
  told_tid tid_;
  std::thread thread_;
};

std::size_t calls_of_itself(const stacktrace& stack) {
  std::size_t count = 0;
  for (std::size_t i = 1; i < stack.size(); ++i) count += stack[i] == stack[i - 1] ? 1 : 0;
  return count;
}

TEST(ToBoost, KeepsTheAddressesOfEachFunctionThatIsNotInlined) {
  const waiting_thread thread(1);
  const auto stack = thread.stack();
  const stacktrace boosts = taskleak::to_boost(stack);
  std::vector<std::uintptr_t> expected, found;
  for (const taskleak::frame& f : stack)
    if (!f.inlined && f.address != 0) expected.push_back(f.address);
  for (const auto& f : boosts) found.push_back(reinterpret_cast<std::uintptr_t>(f.address()));
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found, expected);
  EXPECT_EQ(taskleak::to_boost(stack.front()), boosts[0]);
}

TEST(ToBoost, KeepsAFunctionThatCallsItselfAsOftenAsItDoes) {
  const waiting_thread thread(7);
  EXPECT_GE(calls_of_itself(taskleak::to_boost(thread.stack())), 5u);
}

TEST(ToBoost, TakesStacksThatAreDeeperThanBoostReadsFromMemory) {
  std::vector<taskleak::frame> stack(3000);
  for (std::size_t i = 0; i < stack.size(); ++i) stack[i].address = 0x1000 + 16 * i;
  EXPECT_EQ(taskleak::to_boost(stack).size(), stack.size());
}

TEST(ToBoost, OfTwoThreadsAtOnePlaceComparesEqualAndOfTwoPlacesDoesNot) {
  const waiting_thread one(2), two(2), deeper(3);
  const auto boosts = [](const waiting_thread& of) { return taskleak::to_boost(of.stack()); };
  EXPECT_EQ(boosts(one), boosts(two));
  EXPECT_EQ(hash_value(boosts(one)), hash_value(boosts(two)));
  EXPECT_NE(boosts(one), boosts(deeper));
}

TEST(ToBoost, OfNothingIsEmpty) { EXPECT_TRUE(taskleak::to_boost(std::vector<taskleak::frame>()).empty()); }

TEST(ToDump, IsWhatBoostReadsFromAFile) {
  const waiting_thread thread(2);
  const auto stack = thread.creation_stack();
  const std::string path = testing::TempDir() + "/taskleak_stack_" + std::to_string(::getpid());
  std::ofstream(path, std::ios::binary) << taskleak::to_dump(stack);
  std::ifstream file(path, std::ios::binary);
  EXPECT_EQ(stacktrace::from_dump(file), taskleak::to_boost(stack));
  ::unlink(path.c_str());
  const std::string dump = taskleak::to_dump(stack);
  EXPECT_EQ(stacktrace::from_dump(dump.data(), dump.size()), taskleak::to_boost(stack));
}

TEST(FromBoost, GivesBackTheFunctionsOfTheReport) {
  const waiting_thread thread(2);
  for (const auto& stack : {thread.stack(), thread.creation_stack()}) {
    const auto back = taskleak::from_boost(taskleak::to_boost(stack));
    std::vector<taskleak::frame> with_address;
    for (const taskleak::frame& f : stack)
      if (f.address != 0) with_address.push_back(f);
    ASSERT_EQ(back.size(), with_address.size());
    for (std::size_t i = 0; i < back.size(); ++i) {
      EXPECT_EQ(back[i].function, with_address[i].function);
      EXPECT_EQ(back[i].file, with_address[i].file);
      EXPECT_EQ(back[i].line, with_address[i].line);
      EXPECT_EQ(back[i].address, with_address[i].address);
      EXPECT_EQ(back[i].inlined, with_address[i].inlined);
    }
  }
}

[[gnu::noinline]] stacktrace captured_by_boost() {
  stacktrace here;
  asm volatile("" ::"r"(&here));
  return here;
}

#if defined(BOOST_STACKTRACE_USE_NOOP)
TEST(FromBoost, OfAStackThatBoostWasToldNotToCaptureIsEmpty) { EXPECT_TRUE(taskleak::from_boost(captured_by_boost()).empty()); }
#else
TEST(FromBoost, NamesTheFunctionsOfAStackThatBoostHasCaptured) {
  const auto functions = taskleak::from_boost(captured_by_boost());
  EXPECT_TRUE(has_function(functions, "captured_by_boost")) << functions.size();
  EXPECT_TRUE(has_function(functions, "NamesTheFunctionsOfAStackThatBoostHasCaptured")) << functions.size();
}
#endif

TEST(FromBoost, OfOneFrameIsItsFunction) {
  const waiting_thread thread(0);
  const auto stack = thread.stack();
  for (const taskleak::frame& f : stack) {
    if (f.function.find("waits_at") == std::string::npos) continue;
    const auto functions = taskleak::from_boost(taskleak::to_boost(f));
    ASSERT_FALSE(functions.empty());
    EXPECT_EQ(functions.back().function, f.function);
    return;
  }
  ADD_FAILURE() << "the thread is not where it waits";
}

TEST(ToBoost, IsPrintedByBoostsBackend) {
  const waiting_thread thread(0);
  std::ostringstream text;
  text << taskleak::to_boost(thread.stack());
#if defined(BOOST_STACKTRACE_USE_NOOP)
  EXPECT_THAT(text.str(), testing::Not(HasSubstr("waits_at")));
#elif defined(BOOST_STACKTRACE_USE_BACKTRACE)
  EXPECT_THAT(text.str(), HasSubstr("waits_at"));
  EXPECT_THAT(text.str(), HasSubstr("boost_stacktrace.test.cpp:"));
#else
  // Boost 1.74 asks addr2line for addresses as they are at run time, and the loader for exported functions only
  EXPECT_THAT(text.str(), HasSubstr(" 0# "));
#endif
}

}  // namespace
