// SPDX-License-Identifier: MIT
/// \file Defines a table that finds the group of a value by the value's hash.
#ifndef TASKLEAK_DETAIL_BASE_GROUP_INDEX_HPP
#define TASKLEAK_DETAIL_BASE_GROUP_INDEX_HPP

#include <taskleak/detail/base/light_vector.hpp>

#include <cstddef>

namespace taskleak::inline v0::detail {

/// Finds groups by hash: open addressing over a table of a power of two, at most half full.
class group_index {
 public:
  explicit group_index(std::size_t values) {
    std::size_t size = 16;
    while (size < 2 * values) size *= 2;
    slots_.resize(size);
  }

  /// Returns the place of the group for which `same` is true, or the free place where that group belongs. A place holds the
  /// group's number plus one; a free place holds 0.
  template <class Same>
  std::size_t& find(std::size_t hash, Same&& same) {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
      slot& s = slots_[at];
      if (s.group == 0) s.hash = hash;
      if (s.group == 0 || (s.hash == hash && same(s.group - 1))) return s.group;
    }
  }

 private:
  struct slot {
    std::size_t hash = 0;
    std::size_t group = 0;
  };
  light_vector<slot> slots_;
};

}  // namespace taskleak::inline v0::detail

#endif
