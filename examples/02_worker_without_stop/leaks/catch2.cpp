// SPDX-License-Identifier: MIT
/// \file The one line in the source: this header is the whole main().
#include <taskleak/catch2_main.hpp>

#include "../../catch2_tests.hpp"
#include "mailer.hpp"

#include <future>
#include <memory>
#include <string>

TEST_CASE("Mailer delivers a letter") {
  const auto delivered = std::make_shared<std::promise<std::string>>();
  mailer post([delivered](const std::string& to) { delivered->set_value(to); });

  post.send("ann@example.org");

  CHECK(delivered->get_future().get() == "ann@example.org");
}
