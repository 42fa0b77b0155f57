// SPDX-License-Identifier: MIT
/// \file Holds the handles of the threads that are being joined at this moment.
#ifndef TASKLEAK_DETAIL_PROBE_THREAD_AWAITED_HANDLES_HPP
#define TASKLEAK_DETAIL_PROBE_THREAD_AWAITED_HANDLES_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/hash_mix.hpp>
#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/platform/thread_handle.hpp>

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// Holds the handles that a pthread_join is waiting for. A thread that is being joined leaves no record behind, and need not note
/// what a record is kept for.
///
/// A handle may displace another one that has the same place in the table; the displaced thread then does a little more work than
/// it needs to.
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
