// SPDX-License-Identifier: MIT
/// \file Finds a function by name in each executable and library that is loaded, without the loader's dlopen and dlsym.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_EXPORTED_FUNCTION_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_EXPORTED_FUNCTION_HPP

#include <taskleak/detail/platform/linux/loaded_modules.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <elf.h>
#include <link.h>

namespace taskleak::inline v0::detail {

/// Holds the tables by which the loader finds the functions of one module: gABI 5, "Dynamic Section", and for DT_GNU_HASH glibc's
/// elf/dl-lookup.c, do_lookup_x().
class exported_functions {
 public:
  explicit exported_functions(const dl_phdr_info& info) noexcept : bias_(info.dlpi_addr) {
    const ElfW(Dyn)* dynamic = nullptr;
    for (int i = 0; i < info.dlpi_phnum; ++i)
      if (info.dlpi_phdr[i].p_type == PT_DYNAMIC) dynamic = reinterpret_cast<const ElfW(Dyn)*>(bias_ + info.dlpi_phdr[i].p_vaddr);
    for (; dynamic && dynamic->d_tag != DT_NULL; ++dynamic) {
      if (dynamic->d_tag == DT_SYMTAB) symbols_ = reinterpret_cast<const ElfW(Sym)*>(address_of(*dynamic));
      if (dynamic->d_tag == DT_STRTAB) names_ = reinterpret_cast<const char*>(address_of(*dynamic));
      if (dynamic->d_tag == DT_GNU_HASH) hash_ = reinterpret_cast<const std::uint32_t*>(address_of(*dynamic));
    }
  }

  /// Returns the address of the function, or of the object, that the module itself defines; 0 when it has none of that name, or
  /// an older table.
  std::uintptr_t find(const char* name, unsigned char type = STT_FUNC) const noexcept {
    if (!symbols_ || !names_ || !hash_) return 0;
    const std::uint32_t bucket_count = hash_[0];
    const std::uint32_t first_symbol = hash_[1];
    const std::uint32_t filter_words = hash_[2];
    if (bucket_count == 0) return 0;
    const std::uint32_t* const buckets = hash_ + 4 + filter_words * (sizeof(ElfW(Addr)) / sizeof(std::uint32_t));
    const std::uint32_t* const chain = buckets + bucket_count;
    const std::uint32_t wanted = hash_of(name);
    std::uint32_t index = buckets[wanted % bucket_count];
    if (index < first_symbol) return 0;
    for (;; ++index) {
      const std::uint32_t hash = chain[index - first_symbol];
      const ElfW(Sym)& symbol = symbols_[index];
      if ((hash | 1) == (wanted | 1) && symbol.st_shndx != SHN_UNDEF && ELF64_ST_TYPE(symbol.st_info) == type &&
          std::strcmp(names_ + symbol.st_name, name) == 0)
        return bias_ + symbol.st_value;
      if (hash & 1) return 0;
    }
  }

 private:
  /// Returns the absolute address of a table. The loader has made the addresses of modules absolute, but not those of the vDSO.
  std::uintptr_t address_of(const ElfW(Dyn) & entry) const noexcept {
    return entry.d_un.d_ptr < bias_ ? bias_ + entry.d_un.d_ptr : entry.d_un.d_ptr;
  }

  static std::uint32_t hash_of(const char* name) noexcept {
    std::uint32_t hash = 5381;
    for (; *name; ++name) hash = hash * 33 + static_cast<unsigned char>(*name);
    return hash;
  }

  std::uintptr_t bias_;
  const ElfW(Sym) * symbols_ = nullptr;
  const char* names_ = nullptr;
  const std::uint32_t* hash_ = nullptr;
};

/// Calls `take(address)` for the function of that name in each module that defines one. The loader's lock is held meanwhile, but
/// not the one that dlopen holds while a library's constructors run: a straggler may be parked in one of them for ever.
template <class F>
void for_each_exported_function(const char* name, F&& take) {
  any_module([&](const dl_phdr_info& module) {
    if (const std::uintptr_t address = exported_functions(module).find(name)) take(address);
    return false;
  });
}

/// Returns the address of the first exported object of that name, 0 if there is none. The lock is the same.
inline std::uintptr_t exported_object(const char* name) noexcept {
  std::uintptr_t found = 0;
  any_module([&](const dl_phdr_info& module) {
    found = exported_functions(module).find(name, STT_OBJECT);
    return found != 0;
  });
  return found;
}

}  // namespace taskleak::inline v0::detail

#endif
