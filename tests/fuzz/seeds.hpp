// SPDX-License-Identifier: MIT
/// \file What the readers are given to begin with: small pieces of the file of the running program, which a compiler has written.
#ifndef TASKLEAK_TESTS_FUZZ_SEEDS_HPP
#define TASKLEAK_TESTS_FUZZ_SEEDS_HPP

#include <taskleak/detail/base/byte_reader.hpp>
#include <taskleak/detail/symbols/demangle.hpp>
#include <taskleak/detail/symbols/elf_file.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <elf.h>

namespace seeds {

using taskleak::detail::byte_reader;
using taskleak::detail::elf_file;

inline constexpr std::size_t most_of_a_kind = 24;

inline void append_number(std::string& to, std::uint32_t value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Writes a file with a few sections.
class made_file {
 public:
  void add(std::string_view name, std::uint32_t type, std::string contents, std::uint32_t link = 0) {
    Elf64_Shdr header{};
    header.sh_name = static_cast<std::uint32_t>(names_.size());
    header.sh_type = type;
    header.sh_link = link;
    header.sh_entsize = type == SHT_SYMTAB || type == SHT_DYNSYM ? sizeof(Elf64_Sym) : 0;
    header.sh_offset = sizeof(Elf64_Ehdr) + contents_.size();
    header.sh_size = contents.size();
    headers_.push_back(header);
    names_.append(name).push_back('\0');
    contents_ += contents;
  }

  std::string bytes() {
    add(".shstrtab", SHT_STRTAB, names_ + ".shstrtab" + '\0');
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = static_cast<Elf64_Half>(headers_.size());
    header.e_shstrndx = static_cast<Elf64_Half>(headers_.size() - 1);
    header.e_shoff = sizeof header + contents_.size();
    std::string all(reinterpret_cast<const char*>(&header), sizeof header);
    all += contents_;
    for (const Elf64_Shdr& section : headers_) all.append(reinterpret_cast<const char*>(&section), sizeof section);
    return all;
  }

 private:
  std::vector<Elf64_Shdr> headers_{Elf64_Shdr{}};
  std::string names_ = std::string(1, '\0');
  std::string contents_;
};

/// Units of line number programs, each with the first of its sequences only.
inline std::vector<std::string> units_of_lines(const elf_file& own) {
  constexpr std::size_t longest = 8 * 1024;
  std::vector<std::string> found;
  for (byte_reader in(own.section(".debug_line")); !in.at_end() && found.size() < most_of_a_kind;) {
    const std::string_view unit = in.take(in.number(4)).substr(0, longest);
    constexpr std::string_view end_of_sequence("\0\1\1", 3);  // DW_LNE_end_sequence
    const std::size_t end = unit.rfind(end_of_sequence);
    if (in.failed() || end == std::string_view::npos) continue;
    std::string& made = found.emplace_back();
    append_number(made, static_cast<std::uint32_t>(end + end_of_sequence.size()));
    made.append(unit.substr(0, end)).append(end_of_sequence);
  }
  return found;
}

inline std::vector<std::string> names_of_functions(const elf_file& own) {
  std::vector<std::string> found;
  const auto table = own.symbols(SHT_SYMTAB);
  for (byte_reader in(table.symbols); !in.at_end();) {
    Elf64_Sym symbol{};
    const std::string_view raw = in.take(sizeof symbol);
    if (in.failed()) break;
    std::memcpy(&symbol, raw.data(), sizeof symbol);
    const std::string_view name = elf_file::text_at(table.names, symbol.st_name);
    if (name.starts_with("_Z") && name.size() < 400) found.emplace_back(name.substr(2));
  }
  // the shortest, the longest, and some between
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
  std::vector<std::string> some;
  for (std::size_t i = 0; i < 4 * most_of_a_kind && !found.empty(); ++i)
    some.push_back(found[i * (found.size() - 1) / (4 * most_of_a_kind - 1)]);
  return some;
}

inline std::string small_elf_file(const elf_file& own) {
  made_file file;
  std::string symbols, names(1, '\0');
  std::uint64_t address = 0x1000;
  for (const std::string& name : names_of_functions(own)) {
    Elf64_Sym symbol{};
    symbol.st_name = static_cast<std::uint32_t>(names.size());
    symbol.st_info = STB_GLOBAL << 4 | (address % 64 ? STT_OBJECT : STT_FUNC);
    symbol.st_shndx = 1;
    symbol.st_value = address;
    symbol.st_size = 16;
    address += 16;
    symbols.append(reinterpret_cast<const char*>(&symbol), sizeof symbol);
    names.append("_Z").append(name).push_back('\0');
  }
  const auto units = units_of_lines(own);
  file.add(".symtab", SHT_SYMTAB, symbols, 2);
  file.add(".strtab", SHT_STRTAB, names);
  file.add(".debug_line", SHT_PROGBITS, units.empty() ? std::string() : units.front());
  file.add(".debug_line_str", SHT_PROGBITS, std::string(own.section(".debug_line_str").substr(0, 2048)));
  file.add(".note.gnu.build-id", SHT_NOTE, std::string(own.section(".note.gnu.build-id")));
  file.add(".gnu_debuglink", SHT_PROGBITS, std::string("library.debug\0\0\0abcd", 20));
  return file.bytes();
}

inline std::vector<std::string> line_programs(const elf_file& own) {
  std::vector<std::string> made;
  const std::string_view first = own.section(".debug_line_str").substr(0, 4096),
                         second = own.section(".debug_str").substr(0, 1024);
  for (const std::string& unit : units_of_lines(own)) {
    std::string& seed = made.emplace_back();
    append_number(seed, static_cast<std::uint32_t>(first.size()));
    append_number(seed, static_cast<std::uint32_t>(second.size()));
    seed.append(first).append(second).append(unit);
  }
  return made;
}

/// Each function's entry with the common one that it names: .eh_frame, as LSB core has it.
inline std::vector<std::string> frame_entries(const elf_file& own) {
  std::vector<std::string> made;
  const std::string_view section = own.section(".eh_frame");
  std::size_t number = 0;
  for (byte_reader in(section); !in.at_end();) {
    const std::string_view entry = in.take(in.number(4));
    const std::size_t start = in.position() - entry.size();
    byte_reader first(entry);
    const std::uint64_t to_common = first.number(4);
    if (in.failed() || first.failed() || to_common == 0 || to_common > start) continue;
    byte_reader common(section, start - to_common);
    const std::string_view shared = common.take(common.number(4));
    if (common.failed() || shared.size() < 8 || number++ % 16 != 0 || made.size() >= 4 * most_of_a_kind) continue;
    std::string& seed = made.emplace_back();
    append_number(seed, static_cast<std::uint32_t>(shared.size()));
    seed.append(shared).append(entry);
  }
  return made;
}

/// Names with what a program without constraints and expressions in its types does not have.
inline std::vector<std::string> names_with_expressions() {
  return {"1fIiEDTplfp_Li1EET_",
          "1fIJiiEEDTflplfp_Li0EEDpT_",
          "1fIJiiEEDTfrplfp_EDpT_",
          "1fITk8integraliEvT_Q8integralIS0_E",
          "Z1gvENKUlTyT_E_clIiEEDaS_",
          "1fI1aEDTcldtfp_2idEET_",
          "1fILi3EEvRAT__i",
          "N1a1bIXsrSt9is_same_vIiiEEE1cEv",
          "1fIXnwLi1E_iEEEvv",
          "1fIXrqXLi1ENTiQ1aIiEEEEvv",
          "1fIXtl1aLi1ELi2EEEEvv",
          "1fIXadL_Z1gvEEEvv",
          "1fIXscT_stT_EEvT_",
          "1fIiEvDUT_DB8_Dv4_f",
          "N1aUlTpTyDpT_E_C1Ev",
          "W3modWP4part1fPW3mod1a",
          "GRN1a1bE0_",
          "TCN1aE0_1b",
          "ThN1a1bEv.cold.12"};
}

/// What binutils writes for procedure linkage tables, and glibc for its signal trampoline.
inline std::vector<std::string> expressions() {
  return {std::string("\x77\x08\x80\x00\x3f\x1a\x3b\x2a\x33\x24\x22", 11), std::string("\x77\xa0\x01\x06", 4),
          std::string("\x77\x10", 2), std::string("\x0a\xff\x7f\x12\x1e\x10\x80\x80\x04\x25\x96\x13\x31\x31\x1c", 15)};
}

inline std::vector<std::string> made_for(std::string_view reader) {
  const elf_file own("/proc/self/exe");
  if (reader.starts_with("elf_file")) return {small_elf_file(own)};
  if (reader == "line_programs") return line_programs(own);
  if (reader == "frame_entries") return frame_entries(own);
  if (reader == "expression") return expressions();
  std::vector<std::string> names = names_of_functions(own);
  for (const std::string& name : names_with_expressions()) names.push_back(name);
  if (reader == "function_text")
    for (std::string& name : names) name = taskleak::detail::demangle(("_Z" + name).c_str());
  return names;
}

}  // namespace seeds

#endif
