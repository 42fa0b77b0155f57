// SPDX-License-Identifier: MIT
/// \file The one line in the source: this header is the whole main().
#include <taskleak/gtest_main.hpp>

#include "mailer.hpp"

#include <string>

TEST(Mailer, DeliversALetter) {
  std::string delivered;
  mailer post([&delivered](const std::string& to) { delivered = to; });

  post.send("ann@example.org");

  EXPECT_EQ(delivered, "ann@example.org");
}
