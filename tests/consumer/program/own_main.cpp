// SPDX-License-Identifier: MIT
/// \file A main() as GoogleTest's users write it.
#include <gtest/gtest.h>

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
