// SPDX-License-Identifier: MIT
/// \file Finds the symbol of an ELF file that covers an address: functions, and objects with static storage.
#ifndef TASKLEAK_DETAIL_SYMBOLS_SYMBOL_TABLE_HPP
#define TASKLEAK_DETAIL_SYMBOLS_SYMBOL_TABLE_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/symbols/elf_file.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace taskleak::inline v0::detail {

/// Holds a symbol and where it lies, as it is in the file, that is without the load bias.
struct symbol_place {
  std::string_view name;  ///< mangled; points into the mapped file
  std::uint64_t start = 0;
  std::uint64_t end = 0;
};

/// Holds the symbols of one kind, sorted by address. Thread-local objects are none: their values are no addresses.
class symbol_table {
  struct entry {
    std::uint64_t start;
    std::uint64_t end;
    const char* name;
    const char* names_end;
    unsigned char binding;

    std::string_view text() const noexcept { return {name, ::strnlen(name, static_cast<std::size_t>(names_end - name))}; }

    /// Of several names of one function the last one is found: the global, not the weak or local one, and not the one with
    /// underscores that the C library has for itself.
    int order() const noexcept { return (end != start ? 16 : 0) + 4 * reserve() + rank(); }
    /// glibc's own calls go by `__GI_` names, which stand for hidden ones. Only the first bytes are looked at, since a sort asks
    /// often, and since a damaged name has no end.
    int reserve() const noexcept {
      const std::string_view rest(name, static_cast<std::size_t>(names_end - name));
      return rest.starts_with("__GI_") ? 0 : rest.starts_with("__") ? 1 : 2;
    }
    int rank() const noexcept { return binding == STB_LOCAL ? 0 : binding == STB_WEAK ? 1 : 2; }
  };

 public:
  enum class kind : unsigned char { functions, objects };

  void add(const elf_file::symbols_of_file& from, kind wanted) {
    const std::size_t count = from.symbols.size() / sizeof(Elf64_Sym);
    for (std::size_t i = 0; i < count; ++i) {
      Elf64_Sym symbol;
      std::memcpy(&symbol, from.symbols.data() + i * sizeof symbol, sizeof symbol);
      if (symbol.st_shndx == SHN_UNDEF || symbol.st_value == 0 || symbol.st_name >= from.names.size()) continue;
      const unsigned type = symbol.st_info & 0xf;
      const bool fits = wanted == kind::functions ? type == STT_FUNC || type == STT_GNU_IFUNC : type == STT_OBJECT;
      if (!fits || symbol.st_size > ~std::uint64_t{0} - symbol.st_value) continue;
      entries_.push_back({symbol.st_value, symbol.st_value + symbol.st_size, from.names.data() + symbol.st_name,
                          from.names.data() + from.names.size(), static_cast<unsigned char>(symbol.st_info >> 4)});
    }
  }

  /// Sorts the table; to be called once, behind all calls of add().
  void sort() {
    // names are looked at only where two have one start: most pages with names are never read
    std::sort(entries_.begin(), entries_.end(),
              [](const entry& a, const entry& b) { return a.start != b.start ? a.start < b.start : a.order() < b.order(); });
    // hand-written assembly often says no size: such a function goes up to the next symbol
    for (std::size_t i = 0; i + 1 < entries_.size(); ++i)
      if (entries_[i].end == entries_[i].start) entries_[i].end = entries_[i + 1].start;
  }

  bool empty() const noexcept { return entries_.empty(); }

  /// Returns the symbol that covers the address, or one without a name.
  symbol_place find(std::uint64_t address) const {
    constexpr std::size_t deepest_nesting = 16;  // symbols within a symbol, such as a function's second entry
    auto at = std::upper_bound(entries_.begin(), entries_.end(), address,
                               [](std::uint64_t wanted, const entry& e) { return wanted < e.start; });
    for (std::size_t tries = 0; at != entries_.begin() && tries < deepest_nesting; ++tries) {
      --at;
      if (address < at->end) return {at->text(), at->start, at->end};
    }
    return {};
  }

 private:
  light_vector<entry> entries_;
};

}  // namespace taskleak::inline v0::detail

#endif
