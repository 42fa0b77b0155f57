// SPDX-License-Identifier: MIT
/// \file A library with a pool of its own, which nobody outside knows of.
#include "pool.hpp"

extern "C" [[gnu::visibility("default")]] void use_pool_of_library() {
  static verdicts::pool workers(2);
  workers.run([] {});
}
