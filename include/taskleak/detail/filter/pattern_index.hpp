// SPDX-License-Identifier: MIT
/// \file Finds those few of many globs that may match a text, without trying each.
#ifndef TASKLEAK_DETAIL_FILTER_PATTERN_INDEX_HPP
#define TASKLEAK_DETAIL_FILTER_PATTERN_INDEX_HPP

#include <taskleak/detail/base/light_vector.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace taskleak::inline v0::detail {

/// Keeps each glob under four bytes that a text has to hold if the text, or a part of it, is to match the glob.
///
/// Of the many fours of bytes in a glob, the index takes the one under which there are the fewest globs so far, and the last of
/// several such. So globs are not kept under a text that many of them have in common, such as a namespace.
class pattern_index {
 public:
  /// Holds the four bytes to keep a glob under, and how many globs are under them; npos in `under` for a glob without four bytes.
  struct choice {
    static constexpr std::size_t npos = static_cast<std::size_t>(-1);
    std::uint32_t four = 0;
    std::size_t under = npos;
  };

  choice best_for(std::string_view pattern) const {
    choice best;
    for (std::size_t end = pattern.size(); end >= length; --end) {
      const std::string_view part = pattern.substr(end - length, length);
      if (part.find_first_of("*?") != std::string_view::npos) continue;
      const std::uint32_t four = pack(part);
      const std::size_t under = may_have(four) ? count(four) : 0;
      if (under < best.under) best = {four, under};
      if (under == 0) break;
    }
    return best;
  }

  void add(const choice& where, std::uint32_t id) {
    if (seen_.empty()) seen_.resize(seen_words);
    seen_[bit_of(where.four) / 64] |= std::uint64_t{1} << (bit_of(where.four) % 64);
    by_four_[where.four].push_back(id);
  }

  bool empty() const noexcept { return by_four_.empty(); }

  /// Appends the numbers of the globs that may match the text or a part of it; a number may come several times.
  void append_candidates(std::string_view text, light_vector<std::uint32_t>& to) const {
    for (std::size_t at = 0; at + length <= text.size(); ++at) {
      const std::uint32_t four = pack(text.substr(at, length));
      if (!may_have(four)) continue;
      if (const auto found = by_four_.find(four); found != by_four_.end()) to.append(found->second.begin(), found->second.end());
    }
  }

 private:
  static constexpr std::size_t length = 4;
  static constexpr unsigned seen_bits = 16;
  static constexpr std::size_t seen_words = (std::size_t{1} << seen_bits) / 64;

  static std::uint32_t pack(std::string_view part) noexcept {
    std::uint32_t four = 0;
    for (const char c : part) four = four << 8 | static_cast<unsigned char>(c);
    return four;
  }

  static std::size_t bit_of(std::uint32_t four) noexcept { return four * 0x9E3779B1u >> (32 - seen_bits); }

  /// Whether a glob may be under these four bytes. Most fours of a text are in no glob: one bit says so, without a look into the
  /// map.
  bool may_have(std::uint32_t four) const noexcept {
    return !seen_.empty() && (seen_[bit_of(four) / 64] >> (bit_of(four) % 64) & 1) != 0;
  }

  std::size_t count(std::uint32_t four) const {
    const auto found = by_four_.find(four);
    return found == by_four_.end() ? 0 : found->second.size();
  }

  std::vector<std::uint64_t> seen_;
  std::unordered_map<std::uint32_t, light_vector<std::uint32_t>> by_four_;
};

}  // namespace taskleak::inline v0::detail

#endif
