// SPDX-License-Identifier: MIT
/// \file The C++ name behind a linker symbol.
#ifndef TASKLEAK_DETAIL_SYMBOLS_DEMANGLE_HPP
#define TASKLEAK_DETAIL_SYMBOLS_DEMANGLE_HPP

#include <cstdlib>
#include <string>

#include <cxxabi.h>

namespace taskleak::inline v0::detail {

/// Returns the demangled name, or the symbol itself where it is not a mangled one. Null gives an empty text.
inline std::string demangle(const char* symbol) {
  if (!symbol) return {};
  // __cxa_demangle would also take "i" for the type int
  if (symbol[0] != '_' || symbol[1] != 'Z') return symbol;
  int status = 0;
  char* const name = abi::__cxa_demangle(symbol, nullptr, nullptr, &status);
  if (!name) return symbol;
  std::string result = name;
  std::free(name);
  return result;
}

}  // namespace taskleak::inline v0::detail

#endif
