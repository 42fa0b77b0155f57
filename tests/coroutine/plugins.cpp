// SPDX-License-Identifier: MIT
/// \file Coroutines of a library that is loaded at run time, and of one that is unloaded under them.
///
/// PLUGIN is the library's path.
#include <gtest/gtest.h>

#include <dlfcn.h>

namespace {

void* ask_in_new_plugin() {
  void* const library = dlopen(PLUGIN, RTLD_NOW | RTLD_LOCAL);
  if (!library) ADD_FAILURE() << dlerror();
  reinterpret_cast<void (*)()>(dlsym(library, "ask_in_plugin"))();
  return library;
}

TEST(Plugin, LeavesACoroutine) { ask_in_new_plugin(); }

TEST(Plugin, IsUnloadedUnderItsCoroutine) {
  ASSERT_EQ(dlclose(ask_in_new_plugin()), 0);
  ASSERT_EQ(dlopen(PLUGIN, RTLD_NOW | RTLD_NOLOAD), nullptr) << "it is still loaded";
}

}  // namespace
