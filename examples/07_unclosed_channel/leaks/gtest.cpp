// SPDX-License-Identifier: MIT
/// \file A guard: the report names its line, and what the test does after the guard's scope is not its business.
#include <taskleak/guard.hpp>

#include "thumbnailer.hpp"
#include <gtest/gtest.h>

TEST(Thumbnailer, MakesThePictureSmall) {
  const taskleak::guard guard;
  thumbnailer thumbs(3);

  thumbs.add("cat");

  EXPECT_EQ(thumbs.next(), "small cat");
}
