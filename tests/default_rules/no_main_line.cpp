// SPDX-License-Identifier: MIT
/// \file A product that uses a library with rules, and has nothing else of taskleak.
#include "static_part.hpp"

void use_shared_part();

int main() {
  use_static_part();
  use_shared_part();
}
