// SPDX-License-Identifier: MIT
/// \file The one line in the source: this header is the whole main().
#include <taskleak/catch2_main.hpp>

#include "../../catch2_tests.hpp"
#include "mailer.hpp"

#include <string>

TEST_CASE("Mailer delivers a letter") {
  std::string delivered;
  mailer post([&delivered](const std::string& to) { delivered = to; });

  post.send("ann@example.org");

  CHECK(delivered == "ann@example.org");
}
