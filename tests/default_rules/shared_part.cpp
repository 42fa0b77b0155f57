// SPDX-License-Identifier: MIT
/// \file A shared library with rules for its threads; PART is what it is called.
#include <taskleak/default_rules.hpp>

extern "C" [[gnu::visibility("default")]] const char* taskleak_default_suppressions() noexcept { return "name:of_" PART; }

static const taskleak::default_rules more("name:by_" PART "  # registered\n");

[[gnu::visibility("default")]] void use_shared_part();
void use_shared_part() {}
