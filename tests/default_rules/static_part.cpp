// SPDX-License-Identifier: MIT
/// \file A static library.
#include "static_part.hpp"

void use_static_part() {}
