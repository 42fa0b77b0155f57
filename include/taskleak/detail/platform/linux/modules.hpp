// SPDX-License-Identifier: MIT
/// \file The executable and the libraries that are loaded, by the dynamic loader.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_MODULES_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_MODULES_HPP

#include <taskleak/detail/platform/module_place.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>

#include <fcntl.h>
#include <link.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Returns the path of the running executable; the loader knows it only as it was typed, or not at all.
inline std::string executable_path() {
  std::string path(256, '\0');
  for (;;) {
    const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
    if (length < 0) return "executable";
    if (static_cast<std::size_t>(length) < path.size()) {
      path.resize(static_cast<std::size_t>(length));
      return path;
    }
    path.resize(path.size() * 2);
  }
}

/// Whether a file could be opened, as far as descriptors go: what is not found without any must not be remembered as not there.
inline bool has_descriptor_left() noexcept {
  const int fd = ::open("/", O_PATH | O_CLOEXEC);
  if (fd < 0) return errno != EMFILE && errno != ENFILE;
  ::close(fd);
  return true;
}

/// Finds the module. Uses dl_iterate_phdr rather than dladdr: it works in static programs, and it does not wait for the lock that
/// dlopen holds while a library's constructors run, which a straggler may be parked in for ever.
inline module_place find_module(std::uintptr_t address) {
  struct search {
    std::uintptr_t address;
    bool found = false;
    const char* name = nullptr;
    std::uintptr_t bias = 0;
  } wanted{address};
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* data) -> int {
        auto& s = *static_cast<search*>(data);
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          const auto& part = info->dlpi_phdr[i];
          if (part.p_type != PT_LOAD || s.address - info->dlpi_addr - part.p_vaddr >= part.p_memsz) continue;
          s.found = true;
          s.name = info->dlpi_name;
          s.bias = info->dlpi_addr;
          return 1;
        }
        return 0;
      },
      &wanted);
  if (!wanted.found) return {};
  const bool is_executable = !wanted.name || !*wanted.name;
  return {is_executable ? executable_path() : std::string(wanted.name), address - wanted.bias};
}

inline loader_counts count_loads() noexcept {
  loader_counts counts;
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* data) -> int {
        *static_cast<loader_counts*>(data) = {info->dlpi_adds, info->dlpi_subs};
        return 1;
      },
      &counts);
  return counts;
}

/// Calls `take(name of the file, where its code begins, bytes)` for each piece of code that is loaded. The loader's lock is held:
/// nothing may be allocated.
template <class F>
void for_each_piece_of_code(F&& take) {
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* data) -> int {
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          const auto& part = info->dlpi_phdr[i];
          if (part.p_type == PT_LOAD && (part.p_flags & PF_X))
            (*static_cast<F*>(data))(info->dlpi_name ? info->dlpi_name : "", info->dlpi_addr + part.p_vaddr, part.p_memsz);
        }
        return 0;
      },
      &take);
}

}  // namespace taskleak::inline v0::detail

#endif
