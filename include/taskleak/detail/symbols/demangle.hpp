// SPDX-License-Identifier: MIT
/// \file Finds the C++ name behind a linker symbol.
#ifndef TASKLEAK_DETAIL_SYMBOLS_DEMANGLE_HPP
#define TASKLEAK_DETAIL_SYMBOLS_DEMANGLE_HPP

#include <taskleak/detail/symbols/mangled_parser.hpp>
#include <taskleak/detail/symbols/mangled_printer.hpp>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include <cxxabi.h>

namespace taskleak::inline v0::detail {

/// Returns the text of a name, with `...` for what is nested deeply where the whole of it would be longer than a reader can use.
inline std::string text_of_mangled(const mangled_node& name) {
  constexpr std::size_t longest_brief = 4 * 1024;
  for (const int depth : {std::numeric_limits<int>::max(), 4, 2, 1, 0}) {
    mangled_printer::limits wanted;
    wanted.depth = depth;
    if (depth != std::numeric_limits<int>::max()) wanted.characters = longest_brief;
    if (std::string text = mangled_printer(wanted).print(name); !text.empty()) return text;
  }
  return {};
}

/// Whether the compiler numbers a variable that a lambda initialises, as the ABI and all demanglers have it. g++ does so from
/// version 13 on (-fabi-version=18); its older names are read wrong by them: `lam::{lambda(gate&)#1}::operator()(gate) const`.
#if defined(__clang__) || !defined(__GXX_ABI_VERSION) || __GXX_ABI_VERSION >= 1018
inline constexpr bool compiler_counts_variables_of_lambdas = true;
#else
inline constexpr bool compiler_counts_variables_of_lambdas = false;
#endif

/// Returns the demangled name, or the symbol itself where it is not a mangled one. Null gives an empty text.
///
/// The run-time library's demangler is asked where it knows the name and the name has an end: a symbol of 150 bytes may stand for
/// a gigabyte. Otherwise our own reads it, up to 64 KB of it; of what neither understands the names around it are given.
inline std::string demangle(const char* symbol) {
  if (!symbol) return {};
  // __cxa_demangle would also take "i" for the type int
  if (symbol[0] != '_' || symbol[1] != 'Z') return symbol;
  constexpr std::size_t longest_read = 64 * 1024;
  const std::string_view read(symbol, ::strnlen(symbol, longest_read));
  const bool has_old_numbers = !compiler_counts_variables_of_lambdas && read.find("MUl") != std::string_view::npos;
  mangled_parser parser(read, !has_old_numbers);
  const mangled_node* const own = parser.parse();
  const bool is_short = own && !has_old_numbers && !mangled_printer({}).print(*own).empty();
  constexpr std::size_t longest_unread = 1024;
  if (is_short || (!own && ::strnlen(symbol, longest_unread) < longest_unread)) {
    int status = 0;
    if (char* const name = abi::__cxa_demangle(symbol, nullptr, nullptr, &status)) {
      std::string result = name;
      std::free(name);
      return result;
    }
  }
  std::string text;
  if (own)
    text = text_of_mangled(*own);
  else if (const mangled_node* const prefix = parser.readable_prefix())
    text = text_of_mangled(*prefix);
  if (!text.empty()) return text;
  constexpr std::size_t longest_cut = 4 * 1024;
  text.assign(symbol, ::strnlen(symbol, longest_cut));
  return text.size() < longest_cut ? text : text + "...";
}

/// Takes a symbol as a file has it, where a version may stand behind the name: `clock_nanosleep`, an at-sign and `GLIBC_2.2.5`.
inline std::string demangle(std::string_view symbol) { return demangle(std::string(symbol.substr(0, symbol.find('@'))).c_str()); }

}  // namespace taskleak::inline v0::detail

#endif
