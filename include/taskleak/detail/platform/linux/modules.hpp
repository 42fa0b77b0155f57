// SPDX-License-Identifier: MIT
/// \file Lists the executable and the libraries that are loaded, by the dynamic loader.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_MODULES_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_MODULES_HPP

#include <taskleak/detail/platform/linux/loaded_modules.hpp>
#include <taskleak/detail/platform/module_place.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>

#include <fcntl.h>
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

/// Returns the module that the address lies in.
inline module_place find_module(std::uintptr_t address) {
  const loaded_piece piece = piece_at(address);
  if (!piece.name) return {};
  return {*piece.name ? std::string(piece.name) : executable_path(), address - piece.bias};
}

/// Calls `take(name of the file, where its code begins, bytes)` for each piece of code that is loaded. The loader's lock is held:
/// nothing may be allocated.
template <class F>
void for_each_piece_of_code(F&& take) {
  any_loaded_piece([&](const loaded_piece& piece) {
    if (piece.is_code) take(piece.name, piece.begin, piece.size);
    return false;
  });
}

}  // namespace taskleak::inline v0::detail

#endif
