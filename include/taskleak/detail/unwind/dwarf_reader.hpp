// SPDX-License-Identifier: MIT
/// \file Reads the encodings of DWARF call frame information, from memory that is mapped with its module.
#ifndef TASKLEAK_DETAIL_UNWIND_DWARF_READER_HPP
#define TASKLEAK_DETAIL_UNWIND_DWARF_READER_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace taskleak::inline v0::detail {

/// A cursor over bytes with an end; past it every read gives 0 and done() is true.
class dwarf_reader {
 public:
  dwarf_reader(const unsigned char* begin, const unsigned char* end) noexcept : at_(begin), end_(end) {}

  bool done() const noexcept { return at_ >= end_; }
  const unsigned char* at() const noexcept { return at_; }

  void skip(std::size_t bytes) noexcept { at_ = bytes > static_cast<std::size_t>(end_ - at_) ? end_ : at_ + bytes; }

  template <class T>
  T fixed() noexcept {
    T value{};
    if (static_cast<std::size_t>(end_ - at_) < sizeof value) {
      at_ = end_;
      return value;
    }
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return value;
  }

  std::uint64_t uleb() noexcept {
    std::uint64_t value = 0;
    for (unsigned shift = 0; at_ < end_; shift += 7) {
      const unsigned char byte = *at_++;
      if (shift < 64) value |= std::uint64_t{byte & 0x7Fu} << shift;
      if (!(byte & 0x80)) break;
    }
    return value;
  }

  std::int64_t sleb() noexcept {
    std::uint64_t value = 0;
    unsigned shift = 0;
    unsigned char byte = 0;
    while (at_ < end_) {
      byte = *at_++;
      if (shift < 64) value |= std::uint64_t{byte & 0x7Fu} << shift;
      shift += 7;
      if (!(byte & 0x80)) break;
    }
    if (shift < 64 && (byte & 0x40)) value |= ~std::uint64_t{0} << shift;
    return static_cast<std::int64_t>(value);
  }

  const char* text() noexcept {
    const auto* begin = at_;
    while (at_ < end_ && *at_) ++at_;
    if (at_ < end_) ++at_;
    return reinterpret_cast<const char*>(begin);
  }

 private:
  const unsigned char* at_;
  const unsigned char* end_;
};

/// The bytes a pointer of this encoding (DW_EH_PE_*) takes; 0 when it has no fixed size. Linux Standard Base, "DWARF Extensions".
inline std::size_t encoded_pointer_size(unsigned encoding) noexcept {
  switch (encoding & 0x07) {
    case 0x00: return sizeof(void*);
    case 0x02: return 2;
    case 0x03: return 4;
    case 0x04: return 8;
    default: return 0;
  }
}

}  // namespace taskleak::inline v0::detail

#endif
