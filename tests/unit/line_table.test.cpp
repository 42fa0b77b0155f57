// SPDX-License-Identifier: MIT
/// \file Lines of functions that several units claim, and line number programs made by hand.
#include <taskleak/detail/symbols/line_table.hpp>
#include <taskleak/detail/symbols/symbolizer.hpp>

#include "line_table_shared.hpp"
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

namespace {

using taskleak::frame;
using taskleak::detail::elf_file;
using taskleak::detail::file_name_of;
using taskleak::detail::find_module;

using taskleak::detail::line_table;

std::vector<called_at> all_calls() {
  std::vector<called_at> all{shared_first(), shared_template<1>(), shared_second(), shared_class().member(), shared_last()};
  for (const auto& more : {calls_of_second_unit(), calls_of_third_unit()}) all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST(LineTable, KnowsFunctionsOfAHeaderThatSeveralUnitsHave) {
  const elf_file executable("/proc/self/exe");
  const line_table lines(executable);
  for (const called_at& call : all_calls()) {
    std::string file;
    unsigned line = 0;
    ASSERT_TRUE(lines.find(find_module(call.address).offset - 1, file, line)) << "the call in line " << call.line;
    EXPECT_EQ(file_name_of(file), "line_table_shared.hpp") << file;
    EXPECT_EQ(line, call.line);
  }
}

TEST(LineTable, FillsInWhereLibbacktraceIsMissingOrGivesUp) {
  for (const called_at& call : all_calls()) {
    const std::vector<frame> found = taskleak::detail::resolve(call.address, true);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_NE(found[0].function.find("shared_"), std::string::npos) << found[0].function;
    EXPECT_EQ(file_name_of(found[0].file), "line_table_shared.hpp") << found[0].function;
    EXPECT_EQ(found[0].line, call.line) << found[0].function;
  }
}

/// A function of this file with one of a header in it.
[[gnu::noinline]] called_at calls_a_function_of_a_header() {
  called_at call{0, __LINE__ + 1};
  call.address = inlined_return_address();
  return call;
}

[[gnu::noinline]] std::uintptr_t calls_a_function() { return caller_address(); }

TEST(LineTable, AFunctionHasItsOwnFileAndNoLineWhereAFunctionOfAnotherFileWasInlined) {
  const elf_file executable("/proc/self/exe");
  const line_table lines(executable);
  const auto place_of = [](auto* function) { return find_module(reinterpret_cast<std::uintptr_t>(function)).offset; };
  const std::uintptr_t inlined = find_module(calls_a_function_of_a_header().address).offset - 1;
  std::string file;
  unsigned line = 0;
  ASSERT_TRUE(lines.find(inlined, file, line));
  EXPECT_EQ(file_name_of(file), "line_table_shared.hpp");
  ASSERT_TRUE(lines.find_in_function(place_of(&calls_a_function_of_a_header), inlined, file, line));
  EXPECT_EQ(file_name_of(file), "line_table.test.cpp");
  EXPECT_EQ(line, 0u);
  ASSERT_TRUE(lines.find_in_function(place_of(&calls_a_function), find_module(calls_a_function()).offset - 1, file, line));
  EXPECT_EQ(file_name_of(file), "line_table.test.cpp");
  EXPECT_NE(line, 0u);
}

// ---- programs made by hand, for the byte order of the machine

template <class T>
std::string bytes_of(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

template <std::size_t size>
std::string literal(const char (&text)[size]) {
  return {text, size - 1};
}

constexpr std::uint64_t start = 0x1000;

/// Rows: start is line 10, start + 4 is line 12, the end is at start + 9.
std::string rows_from(std::uint64_t address) {
  return literal("\x00\x09\x02") + bytes_of(address)  // set_address
         + literal("\x04\x01")                        // set_file 1
         + literal("\x03\x09\x01")                    // advance_line 9, copy
         + literal("\x4c")                            // special: address + 4, line + 2 (see line_base in header_of)
         + literal("\x02\x05\x00\x01\x01");           // advance_pc 5, end_sequence
}

std::string unit_of(unsigned short version, const std::string& tables, const std::string& program) {
  // instruction length 1, (operations 1), default_is_stmt 1, line_base -5, line_range 14, opcode_base 13
  std::string rest = literal("\x01") + (version >= 4 ? literal("\x01") : "") + literal("\x01\xfb\x0e\x0d") +
                     literal("\x00\x01\x01\x01\x01\x00\x00\x00\x01\x00\x00\x01") + tables;
  std::string unit = bytes_of(version) + (version >= 5 ? literal("\x08\x00") : "");
  unit += bytes_of(static_cast<std::uint32_t>(rest.size())) + rest + program;
  return bytes_of(static_cast<std::uint32_t>(unit.size())) + unit;
}

const std::string& tables_of_5() {
  // directories: path as line_strp; files: path as string, directory index as udata, an MD5 sum as data16
  static const std::string tables = literal("\x01\x01\x1f\x02") + bytes_of(std::uint32_t{0}) + bytes_of(std::uint32_t{6}) +
                                    literal("\x03\x01\x08\x02\x0b\x05\x1e\x02") + literal("main.cpp\0\x00") +
                                    std::string(16, 'm') + literal("part.hpp\0\x01") + std::string(16, 'p');
  return tables;
}

const std::string& tables_of_4() {
  static const std::string tables = literal("sub\0\0part.hpp\0\x01\x00\x00main.cpp\0\x00\x00\x00\0");
  return tables;
}

std::string elf_with(const std::string& lines, std::uint64_t flags = 0) {
  const std::string names = literal("\0.debug_line\0.debug_line_str\0.names\0");
  const std::string texts = literal("/home\0sub\0");
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = 4;
  header.e_shstrndx = 3;
  std::string contents;
  std::string sections = bytes_of(Elf64_Shdr{});
  const auto add = [&](Elf64_Word name, std::uint64_t section_flags, const std::string& bytes) {
    Elf64_Shdr section{};
    section.sh_name = name;
    section.sh_type = SHT_PROGBITS;
    section.sh_flags = section_flags;
    section.sh_offset = sizeof header + contents.size();
    section.sh_size = bytes.size();
    contents += bytes;
    sections += bytes_of(section);
  };
  add(1, flags, lines);
  add(13, 0, texts);
  add(29, 0, names);
  header.e_shoff = sizeof header + contents.size();
  return bytes_of(header) + contents + sections;
}

/// Returns `file:line` as a file of these bytes has it, or "none".
std::string found_in(const std::string& elf, std::uint64_t address) {
  const int descriptor = ::memfd_create("elf", MFD_CLOEXEC);
  EXPECT_EQ(::write(descriptor, elf.data(), elf.size()), static_cast<ssize_t>(elf.size()));
  const elf_file mapped(("/proc/self/fd/" + std::to_string(descriptor)).c_str());
  const line_table lines(mapped);
  ::close(descriptor);
  std::string file;
  unsigned line = 0;
  return lines.find(static_cast<std::uintptr_t>(address), file, line) ? file + ":" + std::to_string(line) : "none";
}

TEST(LineTable, ARowEndsWhereTheNextStartsAndTheLastAtTheEndOfItsSequence) {
  const std::string elf = elf_with(unit_of(5, tables_of_5(), rows_from(start)));
  EXPECT_EQ(found_in(elf, start - 1), "none");
  EXPECT_EQ(found_in(elf, start), "/home/sub/part.hpp:10");
  EXPECT_EQ(found_in(elf, start + 3), "/home/sub/part.hpp:10");
  EXPECT_EQ(found_in(elf, start + 4), "/home/sub/part.hpp:12");
  EXPECT_EQ(found_in(elf, start + 8), "/home/sub/part.hpp:12");
  EXPECT_EQ(found_in(elf, start + 9), "none");
}

TEST(LineTable, OlderVersionsCountFilesFromOneAndStayRelative) {
  for (unsigned short version = 2; version <= 4; ++version) {
    EXPECT_EQ(found_in(elf_with(unit_of(version, tables_of_4(), rows_from(start))), start + 4), "sub/part.hpp:12") << version;
  }
}

TEST(LineTable, ReadsOnBehindAUnitOfAnUnknownVersion) {
  const std::string lines = unit_of(6, tables_of_5(), rows_from(start)) + unit_of(5, tables_of_5(), rows_from(start));
  EXPECT_EQ(found_in(elf_with(lines), start), "/home/sub/part.hpp:10");
  EXPECT_EQ(found_in(elf_with(unit_of(6, tables_of_5(), rows_from(start))), start), "none");
}

TEST(LineTable, DiscardedCodeHasNoLines) {
  const std::string both = rows_from(0) + rows_from(start);
  const std::string elf = elf_with(unit_of(5, tables_of_5(), both));
  EXPECT_EQ(found_in(elf, 4), "none");
  EXPECT_EQ(found_in(elf, start + 4), "/home/sub/part.hpp:12");
}

TEST(LineTable, ACompressedSectionHasNoAnswer) {
  EXPECT_EQ(found_in(elf_with(unit_of(5, tables_of_5(), rows_from(start)), SHF_COMPRESSED), start), "none");
}

TEST(LineTable, MalformedFilesEndInAnAnswerOrNone) {
  for (const std::string& whole :
       {elf_with(unit_of(5, tables_of_5(), rows_from(start))), elf_with(unit_of(4, tables_of_4(), rows_from(start)))}) {
    // the table of sections is at the end: without any of it the names are missing
    for (std::size_t size = 1; size < whole.size(); ++size) EXPECT_EQ(found_in(whole.substr(0, size), start), "none") << size;
    std::size_t survived = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) {
      for (const char put : {'\x00', '\x7f', '\x80', '\xff'}) {
        std::string broken = whole;
        broken[i] = put;
        if (found_in(broken, start) != "none") ++survived;
      }
    }
    EXPECT_GT(survived, 0u);
    EXPECT_LT(survived, 4 * whole.size());
  }
}

}  // namespace
