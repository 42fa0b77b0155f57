// SPDX-License-Identifier: MIT
/// \file A library whose rules have mistakes.
#include <taskleak/default_rules.hpp>

extern "C" [[gnu::visibility("default")]] const char* taskleak_default_suppressions() { return "name:right\nnme:wrong\n"; }

static const taskleak::default_rules more("name:right\n\nstate:\n");  // the mistake
