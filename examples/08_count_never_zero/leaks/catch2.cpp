// SPDX-License-Identifier: MIT
/// \file A program with a main() of its own: verify_test_main() stands where Catch::Session().run() stood.
#include <taskleak/catch2.hpp>

#include "../../catch2_tests.hpp"
#include "upload.hpp"

#include <string>

TEST_CASE("UploadAll tells which file failed") {
  std::string failed = "none";
  upload_all({"photo.jpg", ""}, {.failed = [&failed](const std::string& file) { failed = file; }, .finished = [] {}});

  CHECK(failed.empty());
}

int main(int argc, char** argv) { return taskleak::verify_test_main(argc, argv); }
