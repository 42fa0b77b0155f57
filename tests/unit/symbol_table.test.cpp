// SPDX-License-Identifier: MIT
/// \file Symbol tables made by hand, and files that are not what they seem.
#include <taskleak/detail/symbols/elf_file.hpp>
#include <taskleak/detail/symbols/symbol_table.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

namespace {

using taskleak::detail::debug_link_crc;
using taskleak::detail::elf_file;
using taskleak::detail::symbol_table;

struct symbol {
  const char* name;
  std::uint64_t start;
  std::uint64_t size;
  unsigned binding = STB_GLOBAL;
  unsigned type = STT_FUNC;
};

/// Keeps the bytes that a table's names point to.
class made_table {
 public:
  explicit made_table(const std::vector<symbol>& symbols, symbol_table::kind kind = symbol_table::kind::functions) {
    names_.push_back('\0');
    for (const symbol& s : symbols) {
      Elf64_Sym raw{};
      raw.st_name = static_cast<Elf64_Word>(names_.size());
      raw.st_value = s.start;
      raw.st_size = s.size;
      raw.st_shndx = 1;
      raw.st_info = static_cast<unsigned char>(s.binding << 4 | s.type);
      symbols_.append(reinterpret_cast<const char*>(&raw), sizeof raw);
      names_.append(s.name).push_back('\0');
    }
    table_.add({symbols_, names_}, kind);
    table_.sort();
  }

  std::string_view at(std::uint64_t address) const { return table_.find(address).name; }

 private:
  std::string symbols_;
  std::string names_;
  symbol_table table_;
};

TEST(SymbolTable, AFunctionCoversItsBytesAndNoMore) {
  const made_table table({{"second", 0x200, 0x10}, {"first", 0x100, 0x10}});
  EXPECT_EQ(table.at(0xff), "");
  EXPECT_EQ(table.at(0x100), "first");
  EXPECT_EQ(table.at(0x10f), "first");
  EXPECT_EQ(table.at(0x110), "");
  EXPECT_EQ(table.at(0x20f), "second");
  EXPECT_EQ(table.at(~std::uint64_t{0}), "");
}

TEST(SymbolTable, AFunctionWithoutASizeGoesUpToTheNext) {
  const made_table table({{"assembly", 0x100, 0}, {"next", 0x180, 8}});
  EXPECT_EQ(table.at(0x17f), "assembly");
  EXPECT_EQ(table.at(0x180), "next");
}

TEST(SymbolTable, AFunctionWithinAnotherIsTheOneThatIsFound) {
  const made_table table({{"outer", 0x100, 0x100}, {"inner", 0x120, 0x10}});
  EXPECT_EQ(table.at(0x125), "inner");
  EXPECT_EQ(table.at(0x130), "outer");
}

TEST(SymbolTable, OfSeveralNamesTheOneForUsersIsFound) {
  const made_table table({{"__write", 0x100, 8, STB_GLOBAL}, {"write", 0x100, 8, STB_WEAK}, {"local", 0x100, 8, STB_LOCAL}});
  EXPECT_EQ(table.at(0x104), "write");
}

TEST(SymbolTable, ObjectsAreNotFunctionsAndThreadLocalOnesHaveNoAddress) {
  const std::vector<symbol> symbols{{"function", 0x100, 8},
                                    {"object", 0x200, 8, STB_GLOBAL, STT_OBJECT},
                                    {"thread_local_object", 0x300, 8, STB_GLOBAL, STT_TLS}};
  const made_table functions(symbols);
  const made_table objects(symbols, symbol_table::kind::objects);
  EXPECT_EQ(functions.at(0x100), "function");
  EXPECT_EQ(functions.at(0x200), "");
  EXPECT_EQ(objects.at(0x100), "");
  EXPECT_EQ(objects.at(0x204), "object");
  EXPECT_EQ(objects.at(0x300), "");
}

TEST(SymbolTable, SizesThatWrapAroundAreLeftOut) {
  const made_table table({{"endless", 0x100, ~std::uint64_t{0}}});
  EXPECT_EQ(table.at(0x180), "");
}

/// A file of these bytes.
class made_file {
 public:
  explicit made_file(std::string_view bytes) : descriptor_(::memfd_create("elf", MFD_CLOEXEC)) {
    EXPECT_EQ(::write(descriptor_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  made_file(const made_file&) = delete;
  made_file& operator=(const made_file&) = delete;
  ~made_file() { ::close(descriptor_); }

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

/// One function `park` at 0x1000, in a file without anything else.
std::string small_elf() {
  const std::string names("\0.symtab\0.names\0park", 21);
  Elf64_Sym function{};
  function.st_name = 16;
  function.st_value = 0x1000;
  function.st_size = 0x10;
  function.st_shndx = 1;
  function.st_info = STB_GLOBAL << 4 | STT_FUNC;
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = 3;
  header.e_shstrndx = 2;
  header.e_shoff = sizeof header + sizeof function + names.size();
  Elf64_Shdr sections[3] = {};
  sections[1].sh_name = 1;
  sections[1].sh_type = SHT_SYMTAB;
  sections[1].sh_link = 2;
  sections[1].sh_entsize = sizeof function;
  sections[1].sh_offset = sizeof header;
  sections[1].sh_size = sizeof function;
  sections[2].sh_name = 9;
  sections[2].sh_type = SHT_STRTAB;
  sections[2].sh_offset = sizeof header + sizeof function;
  sections[2].sh_size = names.size();
  const auto bytes = [](const auto& value) { return std::string(reinterpret_cast<const char*>(&value), sizeof value); };
  return bytes(header) + bytes(function) + names + bytes(sections);
}

std::string found_in(const std::string& bytes) {
  const made_file file(bytes);
  const elf_file elf(file.path().c_str());
  symbol_table table;
  table.add(elf.symbols(SHT_SYMTAB), symbol_table::kind::functions);
  table.sort();
  elf.build_id();
  return std::string(table.find(0x1008).name);
}

TEST(ElfFile, ItsSymbolsAreFound) { EXPECT_EQ(found_in(small_elf()), "park"); }

TEST(ElfFile, AMalformedFileEndsInAnAnswerOrNone) {
  const std::string whole = small_elf();
  for (std::size_t size = 1; size < whole.size(); ++size) found_in(whole.substr(0, size));
  std::size_t survived = 0;
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (const char put : {'\x00', '\x7f', '\x80', '\xff'}) {
      std::string broken = whole;
      broken[i] = put;
      if (found_in(broken) == "park") ++survived;
    }
  EXPECT_GT(survived, 0u);
  EXPECT_LT(survived, 4 * whole.size());
}

TEST(ElfFile, WhatIsNoFileHasNoSections) {
  for (const char* path : {"/nowhere", "/", "/dev/null", "/dev/zero"}) {
    const elf_file none(path);
    EXPECT_TRUE(none.bytes().empty()) << path;
    EXPECT_TRUE(none.section(".text").empty()) << path;
  }
}

TEST(ElfFile, TheChecksumOfADebugLinkIsTheOneOfGdbsManual) { EXPECT_EQ(debug_link_crc("123456789"), 0xcbf43926u); }

}  // namespace
