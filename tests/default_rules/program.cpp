// SPDX-License-Identifier: MIT
/// \file Leaves a thread for each of the rules that the program's parts bring along, and one for which there is none.
#include "static_part.hpp"
#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include <dlfcn.h>
#include <pthread.h>

extern "C" const char* taskleak_default_suppressions() { return "# ours\nname:of_program  # the program's own\n"; }

void use_shared_part();

namespace {

void leave_thread(const char* name) {
  auto* const named = new std::latch(1);
  std::thread([=] {
    pthread_setname_np(pthread_self(), name);
    named->count_down();
    std::latch(1).wait();
  }).detach();
  named->wait();
}

}  // namespace

TEST(DefaultRules, OfTheProgram) { leave_thread("of_program"); }
TEST(DefaultRules, OfASharedLibrary) {
  use_shared_part();
  leave_thread("of_shared");
}
TEST(DefaultRules, RegisteredByASharedLibrary) { leave_thread("by_shared"); }
TEST(DefaultRules, RegisteredInTheHeaderOfAStaticLibrary) {
  use_static_part();
  leave_thread("by_static");
}
TEST(DefaultRules, OfAPluginThatIsLoadedLater) {
  ASSERT_NE(dlopen(PLUGIN, RTLD_NOW), nullptr) << dlerror();
  leave_thread("of_plugin");
  leave_thread("by_plugin");
}
TEST(DefaultRules, OfNobody) { leave_thread("of_nobody"); }
TEST(DefaultRules, AreWrongInAPlugin) {
  ASSERT_NE(dlopen(WRONG_PLUGIN, RTLD_NOW), nullptr) << dlerror();
  leave_thread("of_program");
}
