// SPDX-License-Identifier: MIT
#include <taskleak/detail/inspect/wait_kinds.hpp>

#include <gtest/gtest.h>

namespace {

using taskleak::state;
using taskleak::detail::wait_kind_of_c_function;

TEST(WaitKinds, AFunctionIsKnownByEachNameThatItHas) {
  for (const char* name : {"sem_wait", "__new_sem_wait", "sem_wait@@GLIBC_2.34", "___interceptor_sem_wait",
                           "__interceptor_sem_wait", "__interceptor_trampoline_sem_wait"}) {
    const auto kind = wait_kind_of_c_function(name);
    ASSERT_TRUE(kind) << name;
    EXPECT_EQ(kind->state, state::semaphore_wait) << name;
  }
}

TEST(WaitKinds, AFunctionOfTheUsersIsNone) {
  EXPECT_FALSE(wait_kind_of_c_function("sem_waiter"));
  EXPECT_FALSE(wait_kind_of_c_function("trampoline"));
}

}  // namespace
