// SPDX-License-Identifier: MIT
/// \file Lists what can be known of a suspect, by price.
#ifndef TASKLEAK_DETAIL_INSPECT_FACET_HPP
#define TASKLEAK_DETAIL_INSPECT_FACET_HPP

#include <cstddef>

namespace taskleak::inline v0::detail {

/// Names a part of a straggler that is looked up by itself, in rising order of price.
enum class facet : unsigned char {
  age,             ///< epoch, scope and creator: all on record
  name,            ///< one small file of the kernel's for a thread
  creation_stack,  ///< names of functions: the first look-up reads the symbols of a module
  parked,          ///< state, stack and wait object: the thread's memory, and names of functions
};

inline constexpr std::size_t facet_count = 4;

/// Limits how far a look may go.
enum class effort : unsigned char {
  records,      ///< only facts on record or remembered, and the name: no memory of a thread, no symbol
  undisturbed,  ///< symbols too, and the memory of threads that are parked
  held,         ///< threads that run too, which a signal holds for a moment
};

/// Looks a straggler up facet by facet.
class facet_source {
 public:
  /// Returns whether the facet is known, after a look where the effort allows one.
  virtual bool has(facet wanted) = 0;

 protected:
  facet_source() = default;
  facet_source(const facet_source&) = default;
  facet_source& operator=(const facet_source&) = default;
  ~facet_source() = default;
};

}  // namespace taskleak::inline v0::detail

#endif
