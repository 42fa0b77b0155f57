// SPDX-License-Identifier: MIT
/// \file Which executable or library an address lies in.
#ifndef TASKLEAK_DETAIL_SYMBOLS_MODULE_HPP
#define TASKLEAK_DETAIL_SYMBOLS_MODULE_HPP

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <link.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// The module of one address.
struct module_place {
  std::string path;           ///< empty when the address lies in none
  std::uintptr_t offset = 0;  ///< address inside the module's file, as addr2line takes it
};

/// How often libraries were loaded and unloaded so far: symbols looked up earlier may be stale when this has changed.
struct loader_counts {
  unsigned long long loads = 0;
  unsigned long long unloads = 0;
};

/// Returns the part of a path behind its last slash.
constexpr std::string_view file_name_of(std::string_view path) noexcept {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

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

/// Returns an offset as reports show it: `+0x1234`.
inline std::string offset_text(std::uintptr_t offset) {
  char number[3 + 2 * sizeof offset + 1];
  std::snprintf(number, sizeof number, "+0x%llx", static_cast<unsigned long long>(offset));
  return number;
}

/// Returns what stands for the function where there is no symbol: `libfoo.so.1+0x1234`, or the bare address outside all modules.
inline std::string nameless_function(const module_place& place, std::uintptr_t address) {
  if (place.path.empty()) return offset_text(address).substr(1);
  return std::string(file_name_of(place.path)) + offset_text(place.offset);
}

}  // namespace taskleak::inline v0::detail

#endif
