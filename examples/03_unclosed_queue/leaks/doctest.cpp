// SPDX-License-Identifier: MIT
/// \file A guard: the report names its line, and what the test does after the guard's scope is not its business.
#include <taskleak/guard.hpp>

#include "thumbnailer.hpp"
#include <doctest/doctest.h>

TEST_CASE("Thumbnailer makes the picture small") {
  const taskleak::guard guard;
  thumbnailer thumbs(3);

  thumbs.add("cat");

  CHECK(thumbs.next() == "small cat");
}
