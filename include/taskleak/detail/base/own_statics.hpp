// SPDX-License-Identifier: MIT
/// \file Remembers where taskleak's own static objects are: what they lead to is no part of the program.
///
/// A block of the heap that such an object has may have been the program's before, and still hold what the program wrote there.
#ifndef TASKLEAK_DETAIL_BASE_OWN_STATICS_HPP
#define TASKLEAK_DETAIL_BASE_OWN_STATICS_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/light_atomic.hpp>

#include <cstddef>

namespace taskleak::inline v0::detail {

class own_static_list {
 public:
  struct place {
    const void* at = nullptr;
    std::size_t bytes = 0;
  };

  constexpr own_static_list() noexcept = default;

  void add(const void* at, std::size_t bytes) noexcept {
    const std::size_t i = count_.fetch_add(1);
    if (i < capacity) places_[i] = {at, bytes};
  }

  const place* begin() const noexcept { return places_; }
  const place* end() const noexcept { return places_ + (count_.load_acquire() < capacity ? count_.load_acquire() : capacity); }

 private:
  static constexpr std::size_t capacity = 32;

  light_atomic<std::size_t> count_{0};
  place places_[capacity]{};
};

TASKLEAK_SHARED inline constinit own_static_list own_statics;

}  // namespace taskleak::inline v0::detail

#endif
