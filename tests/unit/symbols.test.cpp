// SPDX-License-Identifier: MIT
/// \file Looking up addresses of this very program.
#include <taskleak/detail/symbols/backend.hpp>
#include <taskleak/detail/symbols/layer_dladdr.hpp>
#include <taskleak/detail/symbols/symbolizer.hpp>

#include <gtest/gtest.h>

#include <coroutine>
#include <cstdint>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <execinfo.h>
#include <sys/mman.h>

/// A lambda that a variable is initialised with: how compilers number the parts of its name has changed.
struct parcel {};
inline const auto address_in_lambda = [](const parcel&, parcel&) {
  void* stack[1];
  return ::backtrace(stack, 1) == 1 ? reinterpret_cast<std::uintptr_t>(stack[0]) : 0;
};

namespace {

using taskleak::frame;
using taskleak::detail::executable_path;
using taskleak::detail::file_name_of;
using taskleak::detail::symbolizer;

std::uintptr_t address_of(void* where) { return reinterpret_cast<std::uintptr_t>(where); }

[[gnu::noinline]] std::uintptr_t return_address() { return address_of(__builtin_return_address(0)); }

[[noreturn, gnu::noinline]] void never_returns(std::uintptr_t* caller) {
  *caller = address_of(__builtin_return_address(0));
  throw 1;
}

/// Its call is its last instruction: the return address is no longer in it.
[[noreturn, gnu::noinline]] void ends_with_a_call(std::uintptr_t* caller) { never_returns(caller); }

TEST(Symbols, AnAddressGivesFunctionFileLineAndModule) {
  const int line = __LINE__ + 1;
  const std::uintptr_t address = return_address();
  const std::vector<frame> found = taskleak::detail::resolve(address, true);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NE(found[0].function.find("AnAddressGivesFunctionFileLineAndModule_Test::TestBody()"), std::string::npos)
      << found[0].function;
  EXPECT_EQ(file_name_of(found[0].file), "symbols.test.cpp");
  EXPECT_EQ(found[0].line, static_cast<unsigned>(line));
  EXPECT_EQ(found[0].module, executable_path());
  EXPECT_EQ(found[0].address, address);
}

TEST(Symbols, ALambdaThatInitialisesAVariableHasItsOwnParameters) {
  parcel one;
  // not inlined into the test: called by a pointer that the compiler cannot see through
  std::uintptr_t (*volatile call)(const parcel&, parcel&) = address_in_lambda;
  const std::vector<frame> found = taskleak::detail::resolve(call(one, one), true);
  ASSERT_FALSE(found.empty());
  const std::string& function = found.back().function;  // operator(), or what passes a call through a pointer on to it
  EXPECT_TRUE(function.starts_with("address_in_lambda::{lambda(parcel const&, parcel&)#1}::")) << function;
  EXPECT_NE(function.find("(parcel const&, parcel&)", function.find("#1}")), std::string::npos) << function;
}

#if defined(__x86_64__) || defined(__aarch64__)

/// Whether functions that were inlined are told apart from the one around them.
constexpr bool tells_inlined_functions = taskleak::detail::upper_layer::knows_inlined_functions;

/// The address behind an instruction of this function, which is inlined: like a return address into it.
[[gnu::always_inline]] inline std::uintptr_t here() {
  void* where;
#if defined(__aarch64__)
  asm volatile("nop\n\tadr %0, ." : "=r"(where));
#else
  asm volatile("lea 0(%%rip), %0" : "=r"(where));
#endif
  return address_of(where);
}

[[gnu::noinline]] std::uintptr_t inside_of_a_function(const std::string&) { return here(); }

TEST(Symbols, InlinedFunctionsAreFramesOfTheirOwnInnermostFirst) {
  const std::uintptr_t address = inside_of_a_function("");
  const std::vector<frame> found = taskleak::detail::resolve(address, true);
  ASSERT_EQ(found.size(), tells_inlined_functions ? 2u : 1u);
  EXPECT_TRUE(!tells_inlined_functions || found[0].function.find("here") != std::string::npos) << found[0].function;
  EXPECT_EQ(found.back().function, "(anonymous namespace)::inside_of_a_function(std::string const&)");
  for (const frame& f : found) EXPECT_EQ(f.address, address);
}

#endif

TEST(Symbols, AReturnAddressBehindTheEndOfAFunctionBelongsToTheCaller) {
  std::uintptr_t address = 0;
  try {
    ends_with_a_call(&address);
  } catch (int) {
  }
  EXPECT_EQ(taskleak::detail::resolve(address, true).back().function, "(anonymous namespace)::ends_with_a_call(unsigned long*)");
}

TEST(Symbols, WithLinesThereIsNoNote) {
  symbolizer fresh;
  EXPECT_EQ(fresh.note(), "");
  fresh.resolve(return_address(), true);
  EXPECT_EQ(fresh.note(), "");
}

struct eager {
  struct promise_type {
    eager get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
};

[[gnu::noinline]] int whole_stack(void** addresses, int room) { return ::backtrace(addresses, room); }

eager stands_on_the_stack(void** addresses, int room, int* count) {
  *count = whole_stack(addresses, room);
  co_return;
}

TEST(Symbols, ACoroutineThatRunsInsideOfItsRampStandsOnceOnAStack) {
  void* addresses[64];
  int count = 0;
  stands_on_the_stack(addresses, 64, &count);
  symbolizer fresh;
  std::vector<frame> stack;
  for (int i = 0; i < count; ++i) fresh.append(address_of(addresses[i]), true, stack);
  std::vector<unsigned> lines;
  for (const frame& f : stack)
    if (f.function.find("stands_on_the_stack(") != std::string::npos) lines.push_back(f.line);
  EXPECT_EQ(lines.size(), 1u) << "its body, which knows the line, and not the ramp around it";
}

struct held {
  int first = 0;
  int second = 0;
};

held a_global;
thread_local held of_a_thread;

held& a_local_static() {
  static held one;
  return one;
}

TEST(Symbols, AnAddressInAStaticObjectHasItsName) {
  symbolizer fresh;
  EXPECT_EQ(fresh.object_at(address_of(&a_global)), "(anonymous namespace)::a_global");
  EXPECT_EQ(fresh.object_at(address_of(&a_global.second)), "(anonymous namespace)::a_global+0x4");
  EXPECT_EQ(fresh.object_at(address_of(&a_local_static())), "(anonymous namespace)::a_local_static()::one");
}

TEST(Symbols, AnAddressElsewhereIsInNoStaticObject) {
  symbolizer fresh;
  held on_the_stack;
  EXPECT_EQ(fresh.object_at(address_of(&on_the_stack)), "");
  EXPECT_EQ(fresh.object_at(address_of(&of_a_thread)), "");
  EXPECT_EQ(fresh.object_at(reinterpret_cast<std::uintptr_t>(&return_address)), "");
  EXPECT_EQ(fresh.object_at(0x10), "");
}

TEST(Symbols, TheNoteAboutMissingLinesIsGivenOnce) {
  symbolizer fresh;
  EXPECT_EQ(fresh.note(), "") << "nothing was looked up";
  fresh.resolve(0x10, false);
  EXPECT_NE(fresh.note().find("no source lines: "), std::string::npos);
  EXPECT_EQ(fresh.note(), "");
}

TEST(Symbols, TheSameAddressIsLookedUpTheSameWayAgain) {
  symbolizer fresh;
  const std::uintptr_t address = return_address();
  const std::vector<frame> first = fresh.resolve(address, true);
  std::vector<frame> second = fresh.resolve(address, true);
  fresh.append(address - 1, false, second);
  ASSERT_EQ(second.size(), 2 * first.size());
  EXPECT_EQ(second[0].function, first[0].function);
  EXPECT_EQ(second[0].line, first[0].line);
  EXPECT_EQ(second.back().line, first.back().line);
  EXPECT_EQ(second.front().address, address);
  EXPECT_EQ(second.back().address, address - 1);
}

TEST(Symbols, AnAddressOutsideOfAllModulesIsShownAsANumber) {
  const std::vector<frame> found = taskleak::detail::resolve(0x10, false);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].function, "0x10");
  EXPECT_EQ(found[0].module, "");
}

TEST(Symbols, TheNullAddressAtTheEndOfAStackIsNoFrame) {
  EXPECT_TRUE(taskleak::detail::resolve(0, true).empty());
  EXPECT_TRUE(taskleak::detail::resolve(0, false).empty());
}

TEST(Symbols, AFunctionOfALibraryHasItsName) {
  void* const function = dlsym(RTLD_DEFAULT, "qsort");
  ASSERT_TRUE(function);
  const std::vector<frame> found = taskleak::detail::resolve(address_of(function), false);
  EXPECT_NE(found.back().function.find("qsort"), std::string::npos) << found.back().function;
  EXPECT_FALSE(found.back().module.empty());
}

TEST(Symbols, ALibraryLoadedLaterIsFound) {
  symbolizer fresh;
  fresh.resolve(return_address(), true);
  void* const library = dlopen("libresolv.so.2", RTLD_NOW | RTLD_LOCAL);
  if (!library) GTEST_SKIP() << dlerror();
  void* const function = dlsym(library, "ns_get32");
  ASSERT_TRUE(function) << dlerror();
  const std::vector<frame> found = fresh.resolve(address_of(function), false);
  EXPECT_NE(found.back().function.find("ns_get32"), std::string::npos) << found.back().function;
  EXPECT_EQ(file_name_of(found.back().module), "libresolv.so.2");
  dlclose(library);
}

TEST(Symbols, WithoutASymbolThereIsTheModuleAndTheOffset) {
  EXPECT_EQ(taskleak::detail::nameless_function({"/usr/lib/libfoo.so.1", 0x1234}, 0x7f0000001234), "libfoo.so.1+0x1234");
  EXPECT_EQ(taskleak::detail::nameless_function({}, 0x7f0000001234), "0x7f0000001234");
}

TEST(Symbols, TheLoadersNearestSymbolIsNotTakenForAFunctionThatItDoesNotCover) {
  void* const function = dlsym(RTLD_DEFAULT, "qsort");
  ASSERT_TRUE(function);
  EXPECT_NE(taskleak::detail::covering_symbol(address_of(function)), nullptr);
  void* const page = mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(page, MAP_FAILED);
  EXPECT_EQ(taskleak::detail::covering_symbol(address_of(page)), nullptr);
  munmap(page, 4096);
  // internal linkage: not known to the loader, though a symbol of the executable or its end may be near
  EXPECT_EQ(taskleak::detail::covering_symbol(reinterpret_cast<std::uintptr_t>(&return_address)), nullptr);
}

}  // namespace
