// SPDX-License-Identifier: MIT
/// \file A program with a main() of its own: verify_test_main() stands where RUN_ALL_TESTS() stood.
#include <taskleak/gtest.hpp>

#include "upload.hpp"

#include <string>

TEST(UploadAll, TellsWhichFileFailed) {
  std::string failed = "none";
  upload_all({"photo.jpg", ""}, {.failed = [&failed](const std::string& file) { failed = file; }, .finished = [] {}});

  EXPECT_EQ(failed, "");
}

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return taskleak::verify_test_main();
}
