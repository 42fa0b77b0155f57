// SPDX-License-Identifier: MIT
/// \file Each reader with thousands of damaged inputs, the same ones in every run: what libFuzzer does, for a compiler without
/// it.
#include "guarded_bytes.hpp"
#include "readers.hpp"
#include "seeds.hpp"
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// Damages bytes by a row of numbers that is the same in every run (Marsaglia's xorshift).
class damage {
 public:
  explicit damage(const std::vector<std::string>& seeds) : seeds_(seeds) {}

  std::string next() {
    std::string bytes = seeds_[below(seeds_.size())];
    for (std::size_t times = 1 + below(6); times > 0; --times) once(bytes);
    return bytes;
  }

 private:
  std::uint64_t number() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  std::size_t below(std::size_t end) { return end == 0 ? 0 : static_cast<std::size_t>(number() % end); }

  void once(std::string& bytes) {
    const std::size_t at = below(bytes.size() + 1);
    switch (below(7)) {
      case 0: bytes.resize(at); break;
      case 1: bytes.insert(at, below(8) + 1, static_cast<char>(number())); break;
      case 2: bytes.erase(at, below(16)); break;
      case 3:
        if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
        break;
      case 4: put_number(bytes, at); break;
      case 5: {
        const std::string& other = seeds_[below(seeds_.size())];
        bytes.insert(at, other, below(other.size()), below(64));
        break;
      }
      default: bytes.insert(at, std::string(bytes, below(bytes.size()), below(64)));
    }
  }

  /// A number at an edge, of any width that the formats have.
  void put_number(std::string& bytes, std::size_t at) {
    constexpr std::uint64_t edges[] = {0,          1,          0x7f,       0x80,       0xff,       0x7fff,    0xffff,
                                       0x7fffffff, 0x80000000, 0xffffffef, 0xffffffff, ~0ull >> 1, ~0ull - 7, ~0ull};
    const std::uint64_t edge = edges[below(std::size(edges))];
    const std::size_t width = std::min<std::size_t>(std::size_t{1} << below(4), bytes.size() - at);
    bytes.replace(at, width, reinterpret_cast<const char*>(&edge), width);
  }

  const std::vector<std::string>& seeds_;
  std::uint64_t state_ = 88172645463325252u;
};

void replay(const readers::named_reader& of, std::size_t times) {
  constexpr std::size_t most = 256 * 1024;
  const std::vector<std::string> seeds = seeds::made_for(of.name);
  ASSERT_FALSE(seeds.empty());
  guarded_bytes memory(most);
  for (const std::string& seed : seeds) of.read(memory.hold(seed));
  damage damaged(seeds);
  for (std::size_t i = 0; i < times; ++i) of.read(memory.hold(damaged.next()));
}

class Replay : public testing::TestWithParam<readers::named_reader> {};

TEST_P(Replay, ReadsDamagedBytesToAnEndAndNothingBeyondThem) { replay(GetParam(), 2000); }

INSTANTIATE_TEST_SUITE_P(Of, Replay, testing::ValuesIn(readers::all), [](const auto& of) { return std::string(of.param.name); });

}  // namespace
