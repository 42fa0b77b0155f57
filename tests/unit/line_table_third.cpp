// SPDX-License-Identifier: MIT
/// \file A few of the functions of the header, and one that no other unit has.
#include "line_table_shared.hpp"

std::vector<called_at> calls_of_third_unit() {
  return {shared_template<3>(), shared_second(), shared_template<1>(), shared_last()};
}
