// SPDX-License-Identifier: MIT
/// \file Reads numbers and texts out of bytes that may be malformed.
#ifndef TASKLEAK_DETAIL_BASE_BYTE_READER_HPP
#define TASKLEAK_DETAIL_BASE_BYTE_READER_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace taskleak::inline v0::detail {

/// Reads from a range of bytes and never outside of it: from the first attempt on the reader has failed, stays at the end, and
/// returns only zeros and empty texts.
class byte_reader {
 public:
  explicit byte_reader(std::string_view bytes, std::size_t at = 0) noexcept : bytes_(bytes), at_(at) {
    if (at > bytes.size()) fail();
  }

  bool failed() const noexcept { return failed_; }
  bool at_end() const noexcept { return at_ == bytes_.size(); }
  std::size_t position() const noexcept { return at_; }

  void fail() noexcept {
    failed_ = true;
    at_ = bytes_.size();
  }

  std::string_view take(std::uint64_t size) noexcept {
    if (size > bytes_.size() - at_) {
      fail();
      return {};
    }
    const std::string_view taken(bytes_.data() + at_, size);
    at_ += taken.size();
    return taken;
  }

  std::uint8_t byte() noexcept {
    if (at_end()) {
      fail();
      return 0;
    }
    return static_cast<std::uint8_t>(bytes_[at_++]);
  }

  /// Returns an unsigned number of up to eight bytes, in the byte order of this machine.
  std::uint64_t number(unsigned size) noexcept {
    const std::string_view bytes = take(size);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const std::size_t place = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? i : bytes.size() - 1 - i;
      value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * place);
    }
    return value;
  }

  /// Returns a number of seven bits a byte (DWARF 5, section 7.6); bits beyond the 64th are lost.
  std::uint64_t unsigned_leb() noexcept { return leb(false); }
  std::int64_t signed_leb() noexcept { return static_cast<std::int64_t>(leb(true)); }

  /// Returns the text before the next zero byte.
  std::string_view text() noexcept {
    const void* const end = at_end() ? nullptr : std::memchr(bytes_.data() + at_, 0, bytes_.size() - at_);
    if (!end) {
      fail();
      return {};
    }
    const std::string_view found(bytes_.data() + at_,
                                 static_cast<std::size_t>(static_cast<const char*>(end) - bytes_.data()) - at_);
    at_ += found.size() + 1;
    return found;
  }

 private:
  std::uint64_t leb(bool is_signed) noexcept {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const std::uint64_t byte = this->byte();
      if (shift < 64) value |= (byte & 0x7f) << shift;
      if (byte & 0x80) continue;
      if (is_signed && (byte & 0x40) && shift + 7 < 64) value |= ~std::uint64_t{0} << (shift + 7);
      return value;
    }
  }

  std::string_view bytes_;
  std::size_t at_;
  bool failed_ = false;
};

}  // namespace taskleak::inline v0::detail

#endif
