// SPDX-License-Identifier: MIT
/// \file What damaged bytes once did to a reader. Where it took minutes, the test's own time-out is what fails.
#include "guarded_bytes.hpp"
#include "readers.hpp"
#include "seeds.hpp"
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <elf.h>
#include <pthread.h>

namespace {

std::string times(std::size_t count, std::string_view text) {
  std::string all;
  while (count-- > 0) all += text;
  return all;
}

/// Reads a symbol on a thread that has a small stack, as many have that a report is made on.
void read_on_small_stack(const std::string& symbol, std::size_t size = std::size_t{1} << 20) {
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, size), 0);
  pthread_t thread;
  const auto read = [](void* of) -> void* {
    taskleak::detail::demangle(static_cast<const std::string*>(of)->c_str());
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, read, const_cast<std::string*>(&symbol)), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

TEST(MangledName, WithPacksOfPacksWithoutEndIsNoEndlessRecursion) {
  read_on_small_stack("_ZN1aUl" + times(30'000, "Tp") + "TyvE_E");
}

TEST(MangledName, WithTemplatesOfTemplatesWithoutEndIsNoEndlessRecursion) {
  read_on_small_stack("_ZN1aUl" + times(30'000, "Tt") + "TyvE_E");
}

TEST(MangledName, WithAPatternThatIsThousandsOfPointersDeepIsNoEndlessRecursion) {
  constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::string symbol = "_Z1fIXilstP1a";  // types in an expression are not printed, but may be referred to
  std::string last;
  for (std::size_t i = 1; i < 6000; ++i) {
    last.clear();
    for (std::size_t rest = i; rest > 0; rest /= 36) last.insert(last.begin(), digits[rest % 36]);
    symbol += "stPS" + last + "_";
  }
  read_on_small_stack(symbol + "EEEvDpS" + last + "_", 1 << 19);
}

TEST(MangledName, ThatEndsBeforeTheOperatorOfAFoldIsNotReadFurther) {
  for (const char* const cut : {"_Z1fIXfl", "_Z1fIXflp", "_Z1fIXfr", "_Z1fIXfR"})
    EXPECT_EQ(taskleak::detail::demangle(cut), "f<...>");
}

TEST(FrameEntries, WithAFactorThatIsTooLargeWrapAround) {
  const auto of = [](const char* seed, std::size_t size) { readers::frame_entries(std::string_view(seed, size)); };
  // data alignment -8; the register rbx at 0x264c993264c99326 times that
  of("\x14\0\0\0"
     "\0\0\0\0\1zR\0\1\x78\x10\1\x1b\x0c\x07\x08\x90\1\0\0"
     "\0\0\0\0\0\0\0\0\x10\0\0\0\0\x83\xa6\xa6\xa6\xa6\xa6\xa6\xa6\xa6\x26",
     4 + 20 + 13 + 10);
}

TEST(ElfFile, WithNamesOfSectionsThatHaveNoEndIsReadInOnePass) {
  constexpr std::size_t count = 400'000, longest = 16'000'000;
  seeds::made_file file;
  file.add(".long", SHT_PROGBITS, std::string(longest, 'a'));
  std::string bytes = file.bytes();
  Elf64_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof header);
  bytes.resize(header.e_shoff);
  for (std::size_t i = 0; i < count; ++i) {
    Elf64_Shdr section{};
    section.sh_type = SHT_PROGBITS;
    section.sh_name = static_cast<std::uint32_t>(i);
    section.sh_offset = sizeof header;
    section.sh_size = i == 0 ? count : longest;  // of the first: how many there are
    bytes.append(reinterpret_cast<const char*>(&section), sizeof section);
  }
  header.e_shnum = 0;
  header.e_shstrndx = 1;
  std::memcpy(bytes.data(), &header, sizeof header);
  const auto read = taskleak::detail::elf_file::in_memory(bytes);
  EXPECT_TRUE(read.section(".debug_line").empty());
  EXPECT_TRUE(read.build_id().empty());
}

TEST(SymbolTable, WithNamesThatHaveNoEndIsSortedByTheirBeginnings) {
  std::string symbols;
  for (std::size_t i = 0; i < 100'000; ++i) {
    Elf64_Sym symbol{};
    symbol.st_info = STB_GLOBAL << 4 | STT_FUNC;
    symbol.st_shndx = 1;
    symbol.st_value = 0x1000 + i % 7;
    symbol.st_name = static_cast<std::uint32_t>(i);
    symbols.append(reinterpret_cast<const char*>(&symbol), sizeof symbol);
  }
  const std::string names(4'000'000, 'a');
  taskleak::detail::symbol_table table;
  table.add({symbols, names}, taskleak::detail::symbol_table::kind::functions);
  table.sort();
  EXPECT_FALSE(table.empty());
}

void append(std::string& to, std::uint64_t value, std::size_t bytes) { to.append(reinterpret_cast<const char*>(&value), bytes); }

TEST(LineTable, WithNamesOfFilesThatHaveNoEndLooksForTheEndOfOneOnly) {
  constexpr std::uint64_t count = 200'000;
  std::string tables("\1\1\x1f", 3);  // entries of one field, a path in .debug_line_str; then how many
  for (std::uint64_t rest = count; rest > 0; rest >>= 7) append(tables, (rest & 0x7f) | (rest > 0x7f ? 0x80 : 0), 1);
  for (std::uint64_t i = 0; i < count; ++i) append(tables, 1, 4);
  tables.append("\1\1\x1f\1\1\0\0\0", 8);  // one file
  std::string header("\1\1\1\xfb\x0e\x0d\0\1\1\1\1\0\0\0\1\0\0\1", 18);
  header += tables;
  std::string unit;
  append(unit, 5, 2);                   // version
  append(unit, sizeof(Elf64_Addr), 2);  // no segments
  append(unit, header.size(), 4);
  unit += header;
  unit += std::string("\0\x09\x02\0\x10\0\0\0\0\0\0\1\2\x10\0\1\1", 17);  // set_address 0x1000, copy, advance_pc, end_sequence
  std::string bytes;
  const std::string texts(4'000'000, 'a');
  append(bytes, texts.size(), 4);
  append(bytes, 0, 4);
  bytes += texts;
  append(bytes, unit.size(), 4);
  bytes += unit;
  readers::line_programs(bytes);
}

}  // namespace
