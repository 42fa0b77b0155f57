// SPDX-License-Identifier: MIT
/// \file Lists the static memory of the executable and its libraries, that is where their static objects are.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_STATIC_MEMORY_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_STATIC_MEMORY_HPP

#include <taskleak/detail/platform/linux/own_pages.hpp>

#include <cstddef>
#include <cstdint>

#include <link.h>

namespace taskleak::inline v0::detail {

/// Holds the writable segments of the loaded modules, without what is read-only once the module has been loaded: PT_GNU_RELRO,
/// tables of virtual functions among it, has no pointers to the heap.
class static_memory {
 public:
  /// Asks the loader, under its lock: to be called before the process is copied.
  void collect() noexcept {
    ::dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* data) -> int {
          static_cast<static_memory*>(data)->add(*info);
          return 0;
        },
        this);
  }

  bool is_complete() const noexcept { return count_ < capacity; }
  const address_range* begin() const noexcept { return ranges_; }
  const address_range* end() const noexcept { return ranges_ + count_; }

  bool has(std::uintptr_t address) const noexcept {
    for (const address_range& r : *this)
      if (r.has(address)) return true;
    return false;
  }

 private:
  void add(const dl_phdr_info& info) noexcept {
    address_range relro;
    for (int i = 0; i < info.dlpi_phnum; ++i)
      if (info.dlpi_phdr[i].p_type == PT_GNU_RELRO) relro = range_of(info, i);
    for (int i = 0; i < info.dlpi_phnum; ++i) {
      if (info.dlpi_phdr[i].p_type != PT_LOAD || !(info.dlpi_phdr[i].p_flags & PF_W)) continue;
      address_range segment = range_of(info, i);
      // the page in which the read-only part ends stays writable
      if (relro.from <= segment.from && relro.to > segment.from) segment.from = relro.to & ~std::uintptr_t{4095};
      if (segment.from < segment.to && count_ < capacity) ranges_[count_++] = segment;
    }
  }

  static address_range range_of(const dl_phdr_info& info, int part) noexcept {
    const std::uintptr_t from = info.dlpi_addr + info.dlpi_phdr[part].p_vaddr;
    return {from, from + info.dlpi_phdr[part].p_memsz};
  }

  static constexpr std::size_t capacity = 1024;

  address_range ranges_[capacity];
  std::size_t count_ = 0;
};

}  // namespace taskleak::inline v0::detail

#endif
