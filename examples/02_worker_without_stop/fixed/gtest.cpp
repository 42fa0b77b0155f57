// SPDX-License-Identifier: MIT
/// \file The one line in the source: this header is the whole main().
#include <taskleak/gtest_main.hpp>

#include "mailer.hpp"

#include <future>
#include <memory>
#include <string>

TEST(Mailer, DeliversALetter) {
  const auto delivered = std::make_shared<std::promise<std::string>>();
  mailer post([delivered](const std::string& to) { delivered->set_value(to); });

  post.send("ann@example.org");

  EXPECT_EQ(delivered->get_future().get(), "ann@example.org");
}
