// SPDX-License-Identifier: MIT
/// \file Reads what the files of a module say of its addresses: its own file, and the one with its debug information where that
/// is apart.
#ifndef TASKLEAK_DETAIL_SYMBOLS_MODULE_SYMBOLS_HPP
#define TASKLEAK_DETAIL_SYMBOLS_MODULE_SYMBOLS_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/symbols/elf_file.hpp>
#include <taskleak/detail/symbols/line_table.hpp>
#include <taskleak/detail/symbols/module.hpp>
#include <taskleak/detail/symbols/symbol_table.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace taskleak::inline v0::detail {

/// Holds the tables of one module, each read when first asked for. May be used by several threads.
class module_symbols {
 public:
  /// The file is opened by the second path where the first may name another file by now.
  explicit module_symbols(const std::string& path, const char* opened_by = nullptr)
      : file_(opened_by ? opened_by : path.c_str()) {
    const bool has_all = !file_.symbols(SHT_SYMTAB).symbols.empty() && !file_.section(".debug_line").empty();
    if (has_all) return;
    if (const std::string apart = debug_file_of(file_, path); !apart.empty()) debug_file_.emplace(apart.c_str());
  }

  bool is_readable() const noexcept { return !file_.bytes().empty(); }

  const symbol_table& functions() const { return table(symbol_table::kind::functions, functions_); }
  const symbol_table& objects() const { return table(symbol_table::kind::objects, objects_); }

  const line_table& lines() const {
    std::call_once(lines_.once, [this] {
      const bool has_own = !debug_file_ || !file_.section(".debug_line").empty();
      lines_.value.emplace(has_own ? file_ : *debug_file_);
    });
    return *lines_.value;
  }

 private:
  template <class T>
  struct read_once {
    std::once_flag once;
    std::optional<T> value;
  };

  const symbol_table& table(symbol_table::kind wanted, read_once<symbol_table>& made) const {
    std::call_once(made.once, [&] {
      made.value.emplace();
      made.value->add(file_.symbols(SHT_DYNSYM), wanted);
      made.value->add(file_.symbols(SHT_SYMTAB), wanted);
      if (debug_file_) made.value->add(debug_file_->symbols(SHT_SYMTAB), wanted);
      made.value->sort();
    });
    return *made.value;
  }

  elf_file file_;
  std::optional<elf_file> debug_file_;
  mutable read_once<symbol_table> functions_;
  mutable read_once<symbol_table> objects_;
  mutable read_once<line_table> lines_;
};

/// Keeps the tables of all modules that were asked for. What was given out once stays.
class module_shelf {
 public:
  const module_symbols& of(const std::string& path) {
    {
      const std::lock_guard lock(mutex_);
      if (const module_symbols* const known = find(path)) return *known;
    }
    auto made = std::make_unique<entry>(path);
    if (!made->symbols.is_readable() && !has_descriptor_left()) made->path.clear();  // to be tried again
    const std::lock_guard lock(mutex_);
    if (const module_symbols* const known = find(path)) return *known;
    entries_.push_back(std::move(made));
    return entries_.back()->symbols;
  }

 private:
  struct entry {
    // the executable also if its file was replaced since
    explicit entry(const std::string& of) : path(of), symbols(of, of == executable_path() ? "/proc/self/exe" : nullptr) {}
    std::string path;
    module_symbols symbols;
  };

  const module_symbols* find(const std::string& path) const noexcept {
    for (const std::unique_ptr<entry>& known : entries_)
      if (known->path == path) return &known->symbols;
    return nullptr;
  }

  std::mutex mutex_;  ///< guards the list; what is in it stays as it is
  light_vector<std::unique_ptr<entry>> entries_;
};

}  // namespace taskleak::inline v0::detail

#endif
