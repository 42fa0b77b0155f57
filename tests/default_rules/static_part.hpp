// SPDX-License-Identifier: MIT
/// \file The header of a static library: its rules are in every program that includes it.
#ifndef TASKLEAK_TESTS_DEFAULT_RULES_STATIC_PART_HPP
#define TASKLEAK_TESTS_DEFAULT_RULES_STATIC_PART_HPP

#include <taskleak/default_rules.hpp>

inline const taskleak::default_rules static_part_rules("name:by_static\n");

void use_static_part();

#endif
