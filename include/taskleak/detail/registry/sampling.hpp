// SPDX-License-Identifier: MIT
/// \file Says of how many new tasks one has its creation stack kept: TASKLEAK_OPTIONS=sample=1/N.
#ifndef TASKLEAK_DETAIL_REGISTRY_SAMPLING_HPP
#define TASKLEAK_DETAIL_REGISTRY_SAMPLING_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/light_atomic.hpp>

#include <cstdint>

namespace taskleak::inline v0::detail {

/// Is 1 where each task's creation stack is kept.
TASKLEAK_SHARED inline constinit light_atomic<std::uint32_t> sample_one_in{1};

/// Whether the creation stack of the task with this number, of its kind, is kept: the first one's is.
inline bool is_sampled(std::uint64_t number) noexcept {
  const std::uint32_t one_in = sample_one_in.load_relaxed();
  return one_in == 1 || number % one_in == 1;
}

}  // namespace taskleak::inline v0::detail

#endif
