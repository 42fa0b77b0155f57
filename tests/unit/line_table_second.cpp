// SPDX-License-Identifier: MIT
/// \file The functions of the header in another order than the first unit has them, and one more.
#include "line_table_shared.hpp"

std::vector<called_at> calls_of_second_unit() {
  return {shared_last(), shared_template<2>(), shared_class().member(), shared_template<1>(), shared_first()};
}
