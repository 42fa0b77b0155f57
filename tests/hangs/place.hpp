// SPDX-License-Identifier: MIT
/// \file Hangs in the place that HANGS_IN names.
#ifndef TASKLEAK_TESTS_HANGS_PLACE_HPP
#define TASKLEAK_TESTS_HANGS_PLACE_HPP

#include "../gate.hpp"

#include <cstdlib>
#include <string_view>

namespace hangs {

inline void in(std::string_view place) {
  const char* const wanted = std::getenv("HANGS_IN");
  if (wanted && place == wanted) tests::eternal_gate().wait();
}

}  // namespace hangs

#endif
