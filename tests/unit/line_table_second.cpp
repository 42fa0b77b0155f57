// SPDX-License-Identifier: MIT
/// \file Some functions of the header in another order than the first unit has them, and one more.
#include "line_table_shared.hpp"

std::vector<called_at> calls_of_second_unit() { return {shared_template<2>(), shared_template<1>(), shared_first()}; }
