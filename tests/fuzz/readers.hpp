// SPDX-License-Identifier: MIT
/// \file What is read of files that somebody else has written, each reader with bytes that may be anything.
#ifndef TASKLEAK_TESTS_FUZZ_READERS_HPP
#define TASKLEAK_TESTS_FUZZ_READERS_HPP

#include <taskleak/detail/symbols/callable_type.hpp>
#include <taskleak/detail/symbols/coroutine_name.hpp>
#include <taskleak/detail/symbols/demangle.hpp>
#include <taskleak/detail/symbols/elf_file.hpp>
#include <taskleak/detail/symbols/function_name.hpp>
#include <taskleak/detail/symbols/line_table.hpp>
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/detail/symbols/readable.hpp>
#include <taskleak/detail/symbols/shorten.hpp>
#include <taskleak/detail/symbols/signal_symbols.hpp>
#include <taskleak/detail/symbols/symbol_table.hpp>
#include <taskleak/detail/unwind/expression.hpp>
#include <taskleak/detail/unwind/frame_rules.hpp>
#include <taskleak/detail/unwind/step_cache.hpp>
#include <taskleak/detail/unwind/step_to_caller.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

namespace readers {

namespace detail = taskleak::detail;

/// Addresses to ask for: the ends of the range, and those that symbols have.
inline std::vector<std::uint64_t> addresses_of_symbols(std::string_view symbols) {
  std::vector<std::uint64_t> found{0, 1, ~std::uint64_t{0}};
  detail::byte_reader in(symbols);
  while (found.size() < 12 && !in.at_end()) {
    in.number(8);
    found.push_back(in.number(8));
    in.number(8);
  }
  return found;
}

/// The same, and those that sequences of line number programs begin with.
inline std::vector<std::uint64_t> addresses_of_lines(std::string_view lines) {
  std::vector<std::uint64_t> found{0, ~std::uint64_t{0}};
  constexpr std::string_view set_address("\x09\x02", 2);
  for (std::size_t at = 0; found.size() < 12 && (at = lines.find(set_address, at)) != std::string_view::npos;) {
    at += set_address.size();
    found.push_back(detail::byte_reader(lines, at).number(8) + at % 3);
  }
  return found;
}

inline void ask_lines(const detail::line_table& lines, std::uint64_t address) {
  std::string file;
  unsigned line = 0;
  lines.find(address, file, line);
  lines.find_in_function(address, address + 1, file, line);
  lines.compiled_in(address);
}

/// A whole file, as of a library that is loaded.
inline void elf_file(std::string_view bytes) {
  const auto file = detail::elf_file::in_memory(bytes);
  detail::debug_file_of(file, "/nonexistent/library.so");
  const detail::line_table lines(file);
  detail::symbol_table functions, objects;
  for (const std::uint32_t type : {SHT_DYNSYM, SHT_SYMTAB}) {
    functions.add(file.symbols(type), detail::symbol_table::kind::functions);
    objects.add(file.symbols(type), detail::symbol_table::kind::objects);
  }
  functions.sort();
  objects.sort();
  for (const std::uint64_t address : addresses_of_symbols(file.symbols(SHT_SYMTAB).symbols)) {
    functions.find(address);
    objects.find(address);
  }
  for (const std::uint64_t address : addresses_of_lines(file.section(".debug_line"))) ask_lines(lines, address);
}

/// The same by what a signal handler reads it with.
inline void elf_file_in_handler(std::string_view bytes) {
  const int file = ::memfd_create("library", MFD_CLOEXEC);
  if (file < 0) return;
  if (::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size())) {
    char path[64];
    std::snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    detail::signal_safe_symbols symbols;
    detail::plain_name names;
    for (std::uintptr_t offset : addresses_of_symbols(detail::elf_file::in_memory(bytes).symbols(SHT_SYMTAB).symbols))
      names.of(symbols.find(path, offset));
  }
  ::close(file);
}

/// Two sizes of four bytes, then .debug_line_str and .debug_str of these sizes, then .debug_line.
inline void line_programs(std::string_view bytes) {
  detail::byte_reader in(bytes);
  const std::uint64_t first = in.number(4), second = in.number(4);
  detail::line_sections sections;
  sections.line_texts = in.take(first);
  sections.texts = in.take(second);
  sections.lines = bytes.substr(in.failed() ? 0 : in.position());
  const detail::line_table lines(sections);
  for (const std::uint64_t address : addresses_of_lines(sections.lines)) ask_lines(lines, address);
}

/// Memory that has words nearly everywhere.
struct some_memory {
  static bool word(std::uintptr_t address, std::uintptr_t& value) noexcept {
    value = address * 0x9E3779B97F4A7C15u >> 7;
    return address % 16 != 8 || address % 64 == 8;
  }
};

inline detail::registers some_registers() noexcept {
  detail::registers frame;
  for (unsigned r = 0; r < detail::dwarf_register::count; r += r == 6 ? 1 : 3) frame.set(r, std::uintptr_t{0x7ffc0000} + 64 * r);
  frame.set(detail::dwarf_register::return_address, 0x1010);
  return frame;
}

/// The operations of one DWARF expression.
inline void expression(std::string_view bytes) {
  some_memory memory;
  const detail::registers frame = some_registers();
  const std::uintptr_t initial = 0x7ffc1000;
  std::uintptr_t result = 0;
  detail::expression_machine(frame, memory).evaluate(bytes, nullptr, result);
  detail::expression_machine(frame, memory).evaluate(bytes, &initial, result);
}

/// A size of four bytes, a common information entry of that size, and the entry of one function, both without their lengths.
inline void frame_entries(std::string_view bytes) {
  detail::byte_reader in(bytes);
  detail::frame_entries entries;
  entries.common = in.take(in.number(4));
  entries.own = bytes.substr(in.position());
  constexpr std::uintptr_t function = 0x1000;
  for (const std::uintptr_t pc : {function, function + 1, function + 64, ~std::uintptr_t{0}}) {
    detail::frame_rules row;
    if (!detail::read_frame_rules(entries, function, pc, row)) continue;
    detail::frame_step::of(row);
    some_memory memory;
    detail::registers frame = some_registers();
    bool interrupted = false;
    detail::step_by_rules(memory, frame, interrupted, row);
  }
}

/// A demangled name, or what passes for one.
inline void function_text(std::string_view text) {
  const std::string name = detail::readable(text);
  detail::shorten_name(name, 40);
  detail::shorten_name(text, 200);
  detail::split_function(name).base();
  detail::drop_return_type(text);
  detail::coroutine_of_part(text);
  detail::type_of_text(text);
  detail::users_callable_in(text);
  detail::class_of_member_pointer(text);
  detail::is_test_body(text);
  taskleak::frame function;
  function.function = name;
  std::vector<taskleak::frame> stack(3, function);
  detail::mark_plumbing(stack);
}

/// A symbol.
inline void symbol(std::string_view bytes) {
  const std::string text = "_Z" + std::string(bytes.substr(0, bytes.find('\0')));
  detail::plain_name().of(text.c_str());
  function_text(detail::demangle(text.c_str()));
}

using reader = void (*)(std::string_view);

struct named_reader {
  std::string_view name;
  reader read;
};

inline constexpr named_reader all[] = {
    {"elf_file", elf_file},           {"elf_file_in_handler", elf_file_in_handler},
    {"line_programs", line_programs}, {"frame_entries", frame_entries},
    {"expression", expression},       {"symbol", symbol},
    {"function_text", function_text},
};

}  // namespace readers

#endif
