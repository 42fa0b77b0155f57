// SPDX-License-Identifier: MIT
/// \file The threads that somebody is joining at this moment.
#ifndef TASKLEAK_DETAIL_PROBE_THREAD_AWAITED_HANDLES_HPP
#define TASKLEAK_DETAIL_PROBE_THREAD_AWAITED_HANDLES_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/hash_mix.hpp>
#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/platform/thread_handle.hpp>

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// The handles that a pthread_join is waiting for: such a thread leaves no record behind, and saves itself what a record is kept
/// for.
///
/// One handle may displace another that falls into the same place, whose thread then does a little more than it needs to.
class awaited_handles {
 public:
  constexpr awaited_handles() noexcept = default;

  bool has(thread_handle handle) const noexcept { return places_[index_of(handle)].load_relaxed() == handle; }
  void add(thread_handle handle) noexcept { places_[index_of(handle)].store_relaxed(handle); }
  void remove(thread_handle handle) noexcept {
    if (has(handle)) places_[index_of(handle)].store_relaxed(thread_handle{});
  }

 private:
  static constexpr unsigned bits = 6;
  static std::size_t index_of(thread_handle handle) noexcept { return spread(telling_bits(handle), bits); }
  light_atomic<thread_handle> places_[std::size_t{1} << bits]{};
};

TASKLEAK_SHARED inline constinit awaited_handles joins_under_way;

}  // namespace taskleak::inline v0::detail

#endif
