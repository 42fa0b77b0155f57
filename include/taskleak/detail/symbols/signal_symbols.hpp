// SPDX-License-Identifier: MIT
/// \file Names of functions inside a signal handler: reads the symbol table of a file with pread(2), and memory of its own.
#ifndef TASKLEAK_DETAIL_SYMBOLS_SIGNAL_SYMBOLS_HPP
#define TASKLEAK_DETAIL_SYMBOLS_SIGNAL_SYMBOLS_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Writes `ns::function` for `_ZN2ns8functionEv`. Templates, operators and what else is no plain sequence of names stay as they
/// are.
class plain_name {
 public:
  /// Returns the text, which is as long-lived as this or the symbol.
  const char* of(const char* symbol) noexcept {
    used_ = 0;
    const char* at = symbol;
    if (std::strncmp(at, "_Z", 2) != 0) return symbol;
    at += 2;
    const bool is_nested = *at == 'N';
    if (is_nested || *at == 'L') ++at;
    while (is_nested && (*at == 'K' || *at == 'V' || *at == 'r')) ++at;
    const char* last = nullptr;
    std::size_t last_length = 0;
    while (*at == 'L' || (*at >= '1' && *at <= '9')) {
      if (*at == 'L') ++at;
      std::size_t length = 0;
      for (; *at >= '0' && *at <= '9' && length < sizeof text_; ++at) length = length * 10 + static_cast<std::size_t>(*at - '0');
      if (length == 0 || strnlen(at, length) < length) return symbol;
      last = at;
      last_length = length;
      if (!put_part(last, last_length)) return symbol;
      at += length;
      if (!is_nested) break;
    }
    if (!last) return symbol;
    if (is_nested) {
      const bool is_constructor = *at == 'C', is_destructor = *at == 'D';
      if (is_constructor || is_destructor) {
        if (!put_part(last, last_length, is_destructor)) return symbol;
        at += at[1] ? 2 : 1;
      }
      if (*at++ != 'E') return symbol;
    }
    if (*at == 'I') return symbol;
    text_[used_] = '\0';
    return text_;
  }

 private:
  bool put_part(const char* part, std::size_t length, bool is_destructor = false) noexcept {
    constexpr char anonymous[] = "(anonymous namespace)";
    if (length >= 10 && std::strncmp(part, "_GLOBAL__N", 10) == 0) {
      part = anonymous;
      length = sizeof anonymous - 1;
    }
    return (used_ == 0 || put("::", 2)) && (!is_destructor || put("~", 1)) && put(part, length);
  }
  bool put(const char* text, std::size_t size) noexcept {
    if (used_ + size >= sizeof text_) return false;
    std::memcpy(text_ + used_, text, size);
    used_ += size;
    return true;
  }

  char text_[256]{};
  std::size_t used_ = 0;
};

/// Finds the function at a place in a file.
class signal_safe_symbols {
 public:
  /// Makes the offset in the file the address that the file's own tables and addr2line(1) have, and returns the symbol of the
  /// function there; an empty text where there is none, or the table is so long that looking through it takes time.
  const char* find(const char* path, std::uintptr_t& offset) noexcept {
    name_[0] = '\0';
    file_ = open(path, O_RDONLY | O_CLOEXEC);
    if (file_ < 0) return name_;
    look(offset);
    close(file_);
    return name_;
  }

 private:
  void look(std::uintptr_t& offset) noexcept {
    Elf64_Ehdr header;
    if (!read_at(0, header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64)
      return;
    for (unsigned i = 0; i < header.e_phnum; ++i) {
      Elf64_Phdr segment;
      if (!read_at(header.e_phoff + i * sizeof segment, segment)) return;
      if (segment.p_type != PT_LOAD || offset - segment.p_offset >= segment.p_filesz) continue;
      offset = offset - segment.p_offset + segment.p_vaddr;
      break;
    }
    Elf64_Shdr table{};
    for (unsigned i = 0; i < header.e_shnum; ++i) {
      Elf64_Shdr section;
      if (!read_at(header.e_shoff + i * sizeof section, section)) return;
      if (section.sh_type == SHT_SYMTAB || (section.sh_type == SHT_DYNSYM && table.sh_type != SHT_SYMTAB)) table = section;
    }
    constexpr std::uint64_t longest = std::uint64_t{8} << 20;
    Elf64_Shdr strings;
    if (table.sh_type == SHT_NULL || table.sh_size > longest) return;
    if (!read_at(header.e_shoff + table.sh_link * sizeof strings, strings)) return;
    for (std::uint64_t at = 0; at < table.sh_size; at += sizeof symbols_) {
      const ssize_t got = pread(file_, symbols_, std::min<std::uint64_t>(sizeof symbols_, table.sh_size - at),
                                static_cast<off_t>(table.sh_offset + at));
      for (std::size_t i = 0; got > 0 && i < static_cast<std::size_t>(got) / sizeof *symbols_; ++i) {
        const Elf64_Sym& s = symbols_[i];
        if (ELF64_ST_TYPE(s.st_info) != STT_FUNC || s.st_shndx == SHN_UNDEF || offset - s.st_value >= s.st_size) continue;
        const ssize_t length = pread(file_, name_, sizeof name_ - 1, static_cast<off_t>(strings.sh_offset + s.st_name));
        name_[length > 0 ? length : 0] = '\0';
        return;
      }
      if (got <= 0) return;
    }
  }

  template <class T>
  bool read_at(std::uint64_t offset, T& to) const noexcept {
    return pread(file_, &to, sizeof to, static_cast<off_t>(offset)) == static_cast<ssize_t>(sizeof to);
  }

  int file_ = -1;
  char name_[256]{};
  Elf64_Sym symbols_[512]{};
};

}  // namespace taskleak::inline v0::detail

#endif
