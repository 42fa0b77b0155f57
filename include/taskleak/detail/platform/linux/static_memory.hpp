// SPDX-License-Identifier: MIT
/// \file Lists the static memory of the executable and its libraries, that is where their static objects are.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_STATIC_MEMORY_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_STATIC_MEMORY_HPP

#include <taskleak/detail/platform/linux/loaded_modules.hpp>
#include <taskleak/detail/platform/linux/own_pages.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <link.h>

namespace taskleak::inline v0::detail {

/// Says what of a module's memory may hold what the program owns.
enum class module_memory : unsigned char {
  all,
  not_storage,  ///< the thread-local objects do not
  not_statics,  ///< the static and thread-local objects do not; the values of pthread_setspecific(3) may
  none,         ///< nothing, the values of its keys among it
};

/// Holds the writable segments of the loaded modules, without what is read-only once the module has been loaded: PT_GNU_RELRO,
/// tables of virtual functions among it, has no pointers to the heap.
class static_memory {
 public:
  /// Asks the loader, under its lock: to be called before the process is copied. `what_counts(path)` is asked of each module; the
  /// path of the executable is empty.
  void collect(module_memory (*what_counts)(std::string_view path)) noexcept {
    any_module([&](const dl_phdr_info& module) {
      add(module, what_counts(module.dlpi_name ? module.dlpi_name : ""));
      return false;
    });
  }

  bool is_complete() const noexcept { return count_ < capacity; }
  const address_range* begin() const noexcept { return ranges_; }
  const address_range* end() const noexcept { return ranges_ + count_; }

  /// Whether the static objects of this range count.
  bool counts(const address_range& range) const noexcept { return counts_[&range - ranges_]; }
  /// Whether the range is memory of a module that counts for its other memory only.
  bool is_beside(const address_range& range) const noexcept { return beside_[&range - ranges_]; }
  /// Whether the values of all keys count: nobody says whose key a value has.
  bool keys_count() const noexcept { return keys_count_; }
  /// Calls `take(range)` with the thread-local objects that do not count of the thread that has called collect().
  template <class Take>
  void for_each_storage_left_out(Take&& take) const {
    for (std::size_t i = 0; i < storage_count_; ++i) take(storage_[i]);
  }

 private:
  void add(const dl_phdr_info& info, module_memory what) noexcept {
    const bool counts = what == module_memory::all || what == module_memory::not_storage;
    address_range relro;
    for (int i = 0; i < info.dlpi_phnum; ++i)
      if (info.dlpi_phdr[i].p_type == PT_GNU_RELRO) relro = range_of(info, i);
    if (what == module_memory::none) keys_count_ = false;
    for (int i = 0; i < info.dlpi_phnum; ++i) {
      if (what != module_memory::all && info.dlpi_phdr[i].p_type == PT_TLS && info.dlpi_tls_data &&
          storage_count_ < most_storage) {
        const auto from = reinterpret_cast<std::uintptr_t>(info.dlpi_tls_data);
        storage_[storage_count_++] = {from, from + info.dlpi_phdr[i].p_memsz};
      }
      if (info.dlpi_phdr[i].p_type != PT_LOAD || !(info.dlpi_phdr[i].p_flags & PF_W)) continue;
      address_range segment = range_of(info, i);
      // the page in which the read-only part ends stays writable
      if (relro.from <= segment.from && relro.to > segment.from) segment.from = relro.to & ~std::uintptr_t{4095};
      if (segment.from >= segment.to || count_ == capacity) continue;
      counts_[count_] = counts;
      beside_[count_] = what == module_memory::not_statics;
      ranges_[count_++] = segment;
    }
  }

  static address_range range_of(const dl_phdr_info& info, int part) noexcept {
    const std::uintptr_t from = info.dlpi_addr + info.dlpi_phdr[part].p_vaddr;
    return {from, from + info.dlpi_phdr[part].p_memsz};
  }

  static constexpr std::size_t capacity = 1024;
  static constexpr std::size_t most_storage = 16;

  address_range ranges_[capacity];
  bool counts_[capacity];
  bool beside_[capacity];
  address_range storage_[most_storage];
  std::size_t storage_count_ = 0;
  bool keys_count_ = true;
  std::size_t count_ = 0;
};

}  // namespace taskleak::inline v0::detail

#endif
