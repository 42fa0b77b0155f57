// SPDX-License-Identifier: MIT
/// \file Finds the functions that the kernel maps into each process, by their names, see vdso(7).
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_VDSO_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_VDSO_HPP

#include <taskleak/detail/platform/linux/coarse_clock.hpp>

#include <cstdint>
#include <cstring>

#include <elf.h>
#include <link.h>
#include <sys/auxv.h>

namespace taskleak::inline v0::detail {

/// Returns the function; null where there is none, or no vDSO: Valgrind hides it. Reads the vDSO as the kernel's own
/// tools/testing/selftests/vDSO/parse_vdso.c does, without the versions of its symbols, of which there is one.
inline void* find_in_vdso(const char* name) noexcept {
  const std::uintptr_t image = getauxval(AT_SYSINFO_EHDR);
  if (image == 0) return nullptr;
  const auto& header = *reinterpret_cast<const ElfW(Ehdr)*>(image);
  const auto* const segments = reinterpret_cast<const ElfW(Phdr)*>(image + header.e_phoff);
  std::uintptr_t bias = 0;
  const ElfW(Dyn)* dynamic = nullptr;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    if (segments[i].p_type == PT_LOAD && bias == 0) bias = image + segments[i].p_offset - segments[i].p_vaddr;
    if (segments[i].p_type == PT_DYNAMIC) dynamic = reinterpret_cast<const ElfW(Dyn)*>(image + segments[i].p_offset);
  }
  const ElfW(Sym)* symbols = nullptr;
  const char* names = nullptr;
  const ElfW(Word)* hash = nullptr;
  for (; dynamic && dynamic->d_tag != DT_NULL; ++dynamic) {
    const std::uintptr_t at = bias + dynamic->d_un.d_ptr;
    if (dynamic->d_tag == DT_SYMTAB) symbols = reinterpret_cast<const ElfW(Sym)*>(at);
    if (dynamic->d_tag == DT_STRTAB) names = reinterpret_cast<const char*>(at);
    if (dynamic->d_tag == DT_HASH) hash = reinterpret_cast<const ElfW(Word)*>(at);
  }
  if (!symbols || !names || !hash) return nullptr;
  const ElfW(Word) count = hash[1];
  for (ElfW(Word) i = 0; i < count; ++i)
    if (symbols[i].st_shndx != SHN_UNDEF && std::strcmp(names + symbols[i].st_name, name) == 0)
      return reinterpret_cast<void*>(bias + symbols[i].st_value);
  return nullptr;
}

/// Makes coarse_ms() ask the kernel's own function from now on, where there is one.
inline void take_clock_of_vdso() noexcept {
#if defined(__aarch64__)
  constexpr const char* name = "__kernel_clock_gettime";
#else
  constexpr const char* name = "__vdso_clock_gettime";
#endif
  if (void* const found = find_in_vdso(name)) the_clock.store_relaxed(reinterpret_cast<clock_function>(found));
}

}  // namespace taskleak::inline v0::detail

#endif
