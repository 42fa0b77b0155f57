// SPDX-License-Identifier: MIT
/// \file Names a place in an executable or library.
#ifndef TASKLEAK_DETAIL_PLATFORM_MODULE_PLACE_HPP
#define TASKLEAK_DETAIL_PLATFORM_MODULE_PLACE_HPP

#include <cstdint>
#include <string>

namespace taskleak::inline v0::detail {

/// Names the module of one address.
struct module_place {
  std::string path;           ///< empty when the address lies in none
  std::uintptr_t offset = 0;  ///< address inside the module's file, as addr2line takes it
};

/// Counts how often libraries were loaded and unloaded so far: symbols looked up earlier may be stale when this has changed.
struct loader_counts {
  unsigned long long loads = 0;
  unsigned long long unloads = 0;
};

}  // namespace taskleak::inline v0::detail

#endif
