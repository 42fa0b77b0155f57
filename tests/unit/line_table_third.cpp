// SPDX-License-Identifier: MIT
/// \file Has one of the functions between those that the first unit alone has, and one that no other unit has.
///
/// The functions of the first unit are adjacent: libbacktrace takes them for one range, with the range of this unit inside. An
/// address behind the inner range it finds in neither.
#include "line_table_shared.hpp"

std::vector<called_at> calls_of_third_unit() { return {shared_template<3>(), shared_second()}; }
