// SPDX-License-Identifier: MIT
/// \file Reads source lines straight from the line number programs of an ELF file.
///
/// Section numbers are those of DWARF 5, https://dwarfstd.org/dwarf5std.html.
#ifndef TASKLEAK_DETAIL_SYMBOLS_LINE_TABLE_HPP
#define TASKLEAK_DETAIL_SYMBOLS_LINE_TABLE_HPP

#include <taskleak/detail/base/byte_reader.hpp>
#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/symbols/elf_file.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <elf.h>

namespace taskleak::inline v0::detail {

/// Holds the sections that line number information is in.
struct line_sections {
  std::string_view lines;       ///< .debug_line
  std::string_view line_texts;  ///< .debug_line_str
  std::string_view texts;       ///< .debug_str
};

/// Reads the line number information of one file: 64-bit ELF, 32-bit DWARF of versions 2 to 5, not compressed, in the file
/// itself. All else has no answers. Reads all programs once, at construction; a look-up then runs a part of one of them.
class line_table {
 public:
  /// Makes the table of a file, which has to outlive the table.
  explicit line_table(const elf_file& file)
      : line_table({file.section(".debug_line"), file.section(".debug_line_str"), file.section(".debug_str")}) {}

  /// Makes the table of sections. What the sections are in has to outlive the table.
  explicit line_table(const line_sections& of) : lines_(of.lines), line_texts_(of.line_texts), texts_(of.texts) {
    find_sequences();
  }

  /// Finds the line of an address as it is in the file, that is without the load bias. May be used by several threads.
  bool find(std::uintptr_t address, std::string& file, unsigned& line) const {
    for (const sequence& s : sequences_) {
      if (address < s.start || address >= s.end) continue;
      unit u;
      byte_reader units(lines_, s.unit);
      if (!read_unit(units, u)) continue;
      row found;
      found.line = 0;
      sequence ran;
      byte_reader program(u.bytes, s.program);
      const bool is_whole = run(u, program, ran, [&](const row& r, std::uint64_t end) {
        if (r.address <= address && address < end) found = r;
      });
      // line 0 is code that comes from no line
      if (!is_whole || found.line == 0) continue;
      std::string name = file_name(u, found.file);
      if (name.empty()) continue;
      file = static_cast<std::string&&>(name);
      line = found.line;
      return true;
    }
    return false;
  }

  /// Finds the file of a function that starts at `start`, and the line it has reached at the address: 0 where that is in a
  /// function of another file, which was inlined, since the table does not tell the line of the call.
  bool find_in_function(std::uintptr_t start, std::uintptr_t address, std::string& file, unsigned& line) const {
    unsigned first_line = 0;
    if (!find(start, file, first_line)) return false;
    std::string reached;
    if (!find(address, reached, line) || reached != file) line = 0;
    return true;
  }

  /// Returns the directory that the compiler ran in for the unit with the address; empty where the table does not tell, which
  /// those before version 5 do not.
  std::string compiled_in(std::uintptr_t address) const {
    for (const sequence& s : sequences_) {
      if (address < s.start || address >= s.end) continue;
      unit u;
      byte_reader units(lines_, s.unit);
      if (!read_unit(units, u) || u.version < 5) continue;
      byte_reader tables(u.bytes.substr(0, u.program), u.tables);
      return std::string(read_table(tables, 0).name);
    }
    return {};
  }

 private:
  /// Holds the header of a line number program (6.2.4). Offsets are into bytes.
  struct unit {
    std::string_view bytes;  ///< all of it, behind the length
    unsigned version = 0;
    std::size_t tables = 0;  ///< offset of the directories and files
    std::size_t program = 0;
    unsigned step = 0;  ///< minimum_instruction_length
    int line_base = 0;
    unsigned line_range = 0;
    unsigned opcode_base = 0;
    std::string_view operand_counts;
  };

  struct row {
    std::uint64_t address = 0;
    std::uint64_t file = 1;
    unsigned line = 1;
  };

  /// Describes a run of rows with rising addresses (6.2.5): where its code is and where its part of the program is.
  struct sequence {
    std::uint64_t start = 0;
    std::uint64_t end = 0;
    std::size_t unit = 0;
    std::size_t program = 0;
  };

  struct entry {
    std::string_view name;
    std::uint64_t directory = 0;
  };

  void find_sequences() {
    byte_reader units(lines_);
    while (!units.at_end()) {
      const std::size_t offset = units.position();
      unit u;
      if (!read_unit(units, u)) continue;
      byte_reader program(u.bytes, u.program);
      const auto unused = [](const row&, std::uint64_t) {};
      for (;;) {
        sequence s;
        s.unit = offset;
        s.program = program.position();
        if (!run(u, program, s, unused)) break;
        // discarded by the linker: at 0, or, where it writes the greatest address instead, wrapped around
        if (s.start != 0 && s.start < s.end) sequences_.push_back(s);
      }
    }
  }

  /// Reads the next unit, or moves behind it if it cannot be understood.
  static bool read_unit(byte_reader& units, unit& u) {
    const std::uint64_t length = units.number(4);
    if (length >= 0xfffffff0) units.fail();  // 64-bit DWARF, or reserved (7.2.2)
    u.bytes = units.take(length);
    if (units.failed()) return false;
    byte_reader header(u.bytes);
    u.version = static_cast<unsigned>(header.number(2));
    if (u.version < 2 || u.version > 5) return false;
    if (u.version >= 5) header.take(2);  // sizes of an address and of a segment selector
    const std::uint64_t header_length = header.number(4);
    if (header.failed() || header_length > u.bytes.size() - header.position()) return false;
    u.program = header.position() + static_cast<std::size_t>(header_length);
    u.step = static_cast<unsigned>(header.number(1));
    const std::uint64_t operations = u.version >= 4 ? header.number(1) : 1;
    header.take(1);  // default_is_stmt
    u.line_base = static_cast<signed char>(header.number(1));
    u.line_range = static_cast<unsigned>(header.number(1));
    u.opcode_base = static_cast<unsigned>(header.number(1));
    u.operand_counts = header.take(u.opcode_base ? u.opcode_base - 1 : 0);
    u.tables = header.position();
    return !header.failed() && operations == 1 && u.line_range != 0 && u.opcode_base != 0;
  }

  /// Runs the program to the end of a sequence (6.2.5), whose addresses it sets, and visits each row with the address of the
  /// next. Returns false if there is no further sequence.
  template <class Visit>
  static bool run(const unit& u, byte_reader& program, sequence& ran, Visit&& visit) {
    row current;
    row last;
    bool has_last = false;
    const auto append_row = [&] {
      if (!has_last) ran.start = current.address;
      if (has_last) visit(last, current.address);
      last = current;
      has_last = true;
    };
    const auto advance_line = [&](std::int64_t by) { current.line += static_cast<unsigned>(by); };
    while (!program.at_end()) {
      const auto opcode = static_cast<unsigned>(program.number(1));
      if (opcode >= u.opcode_base) {  // a special one (6.2.5.1)
        const unsigned adjusted = opcode - u.opcode_base;
        current.address += std::uint64_t{adjusted / u.line_range} * u.step;
        advance_line(u.line_base + static_cast<int>(adjusted % u.line_range));
        append_row();
        continue;
      }
      switch (opcode) {
        case 0: {  // an extended one (6.2.5.3)
          byte_reader extended(program.take(program.unsigned_leb()));
          const std::uint64_t kind = extended.number(1);
          if (kind == 2) current.address = extended.number(sizeof(Elf64_Addr));  // DW_LNE_set_address
          if (extended.failed()) {
            program.fail();
          } else if (kind == 1) {  // DW_LNE_end_sequence
            append_row();
            ran.end = current.address;
            return true;
          }
          break;
        }
        case 1: append_row(); break;                                                                     // DW_LNS_copy
        case 2: current.address += program.unsigned_leb() * u.step; break;                               // DW_LNS_advance_pc
        case 3: advance_line(program.signed_leb()); break;                                               // DW_LNS_advance_line
        case 4: current.file = program.unsigned_leb(); break;                                            // DW_LNS_set_file
        case 8: current.address += std::uint64_t{(255 - u.opcode_base) / u.line_range} * u.step; break;  // DW_LNS_const_add_pc
        case 9: current.address += program.number(2); break;  // DW_LNS_fixed_advance_pc
        default:
          for (auto left = static_cast<unsigned char>(u.operand_counts[opcode - 1]); left > 0; --left) program.unsigned_leb();
      }
    }
    return false;
  }

  /// Returns the path of a file, relative if the unit does not tell where the compiler ran, or an empty text.
  std::string file_name(const unit& u, std::uint64_t index) const {
    byte_reader tables(u.bytes.substr(0, u.program), u.tables);
    byte_reader directories = tables;
    byte_reader compiled_in = tables;
    const bool is_5 = u.version >= 5;
    is_5 ? read_table(tables, 0) : read_names(tables, 0, false);
    const entry file = is_5 ? read_table(tables, index) : read_names(tables, index, true);
    std::string path;
    if (file.name.empty()) return path;
    if (is_5) append_path(path, read_table(compiled_in, 0).name);
    append_path(path, (is_5 ? read_table(directories, file.directory) : read_names(directories, file.directory, false)).name);
    append_path(path, file.name);
    return path;
  }

  static void append_path(std::string& path, std::string_view next) {
    if (next.empty()) return;
    if (next[0] == '/') path.clear();
    if (!path.empty() && path.back() != '/') path += '/';
    path += next;
  }

  /// Reads the directories or the files of versions 2 to 4 (DWARF 4, 6.2.4) and returns the wanted one, counted from 1.
  static entry read_names(byte_reader& tables, std::uint64_t wanted, bool are_files) {
    entry found;
    for (std::uint64_t i = 1;; ++i) {
      entry read{tables.text()};
      if (read.name.empty()) return found;
      if (are_files) {
        read.directory = tables.unsigned_leb();
        tables.unsigned_leb();  // time of modification
        tables.unsigned_leb();  // size
      }
      if (i == wanted) found = read;
    }
  }

  /// Reads the directories or the files of version 5 (6.2.4, items 14 to 21) and returns the wanted one, counted from 0.
  entry read_table(byte_reader& tables, std::uint64_t wanted) const {
    entry found;
    const std::uint64_t format_count = tables.number(1);
    const byte_reader formats = tables;
    for (std::uint64_t i = 0; i < 2 * format_count; ++i) tables.unsigned_leb();
    const std::uint64_t count = tables.unsigned_leb();
    if (format_count == 0) return found;
    for (std::uint64_t i = 0; i < count && !tables.failed(); ++i) {
      byte_reader format = formats;
      entry read;
      for (std::uint64_t field = 0; field < format_count; ++field) {
        const std::uint64_t content = format.unsigned_leb();
        const form_value value = read_form(tables, format.unsigned_leb());
        // only of the wanted one: to find the end of each text takes time
        if (content == 1 && i == wanted) read.name = text_of(value);  // DW_LNCT_path
        if (content == 2) read.directory = value.number;              // DW_LNCT_directory_index
      }
      if (i == wanted && !tables.failed()) found = read;
    }
    return found;
  }

  /// Holds a number, or a text: in the table itself, or at an offset in a section.
  struct form_value {
    std::uint64_t number = 0;
    std::string_view text = {};
    const std::string_view* texts = nullptr;
  };

  static std::string_view text_of(const form_value& value) {
    return value.texts ? elf_file::text_at(*value.texts, value.number) : value.text;
  }

  /// Reads one value (7.5.6). Every form takes at least a byte.
  form_value read_form(byte_reader& tables, std::uint64_t form) const {
    switch (form) {
      case 0x05: return {tables.number(2)};                      // DW_FORM_data2
      case 0x06: return {tables.number(4)};                      // DW_FORM_data4
      case 0x07: return {tables.number(8)};                      // DW_FORM_data8
      case 0x08: return {0, tables.text()};                      // DW_FORM_string
      case 0x09: tables.take(tables.unsigned_leb()); return {};  // DW_FORM_block
      case 0x0b: return {tables.number(1)};                      // DW_FORM_data1
      case 0x0e: return {tables.number(4), {}, &texts_};         // DW_FORM_strp
      case 0x0f: return {tables.unsigned_leb()};                 // DW_FORM_udata
      case 0x1e: tables.take(16); return {};                     // DW_FORM_data16
      case 0x1f: return {tables.number(4), {}, &line_texts_};    // DW_FORM_line_strp
      default: tables.fail(); return {};
    }
  }

  std::string_view lines_;
  std::string_view line_texts_;
  std::string_view texts_;
  light_vector<sequence> sequences_;
};

}  // namespace taskleak::inline v0::detail

#endif
