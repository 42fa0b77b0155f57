// SPDX-License-Identifier: MIT
/// \file Hashes numbers.
#ifndef TASKLEAK_DETAIL_BASE_HASH_MIX_HPP
#define TASKLEAK_DETAIL_BASE_HASH_MIX_HPP

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// Is 2^64 divided by the golden ratio: its multiples are spread evenly over the upper bits (Knuth, volume 3, section 6.4).
inline constexpr std::uint64_t golden_ratio = 0x9E3779B97F4A7C15u;

/// Returns a hash of `bits` bits, at least one, for values that may differ from one another in any bit.
constexpr std::size_t spread(std::uint64_t value, unsigned bits) noexcept { return value * golden_ratio >> (64 - bits); }

/// Adds a value to a hash.
constexpr void mix_into(std::size_t& hash, std::uint64_t value) noexcept { hash = (hash ^ value) * golden_ratio + (hash >> 29); }

}  // namespace taskleak::inline v0::detail

#endif
