// SPDX-License-Identifier: MIT
/// \file A child of fork() that goes on as the test program: it is not checked, whatever it leaves.
#include "../parked.hpp"
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

TEST(Fork, LeavesTheChildInPeace) {
  const pid_t child = fork();
  ASSERT_NE(child, -1);
  if (child == 0) {
    parked::leave_thread();
    return;  // to the rest of main(), in the child as well
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}
