// SPDX-License-Identifier: MIT
/// \file A program with a main() of its own: verify_test_main() stands where RUN_ALL_TESTS() stood.
#include <taskleak/gtest.hpp>

#include "upload.hpp"

#include <future>
#include <memory>
#include <string>

TEST(UploadAll, TellsWhichFileFailed) {
  const auto failed = std::make_shared<std::promise<std::string>>();
  upload_all({"photo.jpg", ""}, {.failed = [failed](const std::string& file) { failed->set_value(file); }, .finished = [] {}});

  EXPECT_EQ(failed->get_future().get(), "");
}

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return taskleak::verify_test_main();
}
