// SPDX-License-Identifier: MIT
/// \file Reads /proc/self/maps by system calls alone, proc_pid_maps(5).
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_MEMORY_MAP_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_MEMORY_MAP_HPP

#include <taskleak/detail/platform/linux/own_pages.hpp>
#include <taskleak/detail/platform/linux/page_array.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Names a mapping that can be read and written, or has been written by the program itself.
struct memory_mapping {
  enum class kind : unsigned char {
    anonymous,
    heap,        ///< "[heap]": what brk(2) has given
    main_stack,  ///< "[stack]"
    file,
    device,   ///< a file of /dev, but for shared memory: to read it may do something
    special,  ///< another name in brackets
  };

  address_range range;
  kind what = kind::anonymous;
  bool is_shared = false;
};

/// Takes the lines of the file as they come.
class memory_map_reader {
 public:
  explicit memory_map_reader(page_array<memory_mapping>& into) noexcept : into_(into) {}

  /// Returns false when the kernel does not tell, or tells more than there is room for.
  bool read(const char* path) noexcept {
    const long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    long got = 0;
    while ((got = syscall(SYS_read, fd, text_ + length_, sizeof text_ - length_ - 1)) > 0)
      take_lines(static_cast<std::size_t>(got));
    syscall(SYS_close, fd);
    return got == 0 && into_.size() > 0 && !into_.is_full();
  }

 private:
  void take_lines(std::size_t more) noexcept {
    length_ += more;
    text_[length_] = '\0';
    char* at = text_;
    while (char* const end = static_cast<char*>(std::memchr(at, '\n', length_ - static_cast<std::size_t>(at - text_)))) {
      *end = '\0';
      take_line(at);
      at = end + 1;
    }
    length_ -= static_cast<std::size_t>(at - text_);
    std::memmove(text_, at, length_);
    if (length_ == sizeof text_ - 1) length_ = 0;  // longer than a path can be
  }

  /// Takes `55d0c3a00000-55d0c3a21000 rw-p 00000000 00:00 0    [heap]`.
  void take_line(const char* at) noexcept {
    memory_mapping m;
    m.range.from = hexadecimal(at);
    if (*at++ != '-') return;
    m.range.to = hexadecimal(at);
    if (*at != ' ' || at[1] != 'r') return;
    const bool is_writable = at[2] == 'w';
    m.is_shared = at[4] == 's';
    const char* name = at + 1;
    for (int column = 0; column < 4 && *name; ++column) {
      while (*name && *name != ' ') ++name;
      while (*name == ' ') ++name;
    }
    m.what = kind_of(name);
    // what a program has made read-only after writing has its pointers all the same; a file's part has none
    if (is_writable || m.what == memory_mapping::kind::anonymous) into_.push(m);
  }

  static memory_mapping::kind kind_of(const char* name) noexcept {
    using kind = memory_mapping::kind;
    if (!*name || std::strncmp(name, "[anon:", 6) == 0) return kind::anonymous;
    if (std::strcmp(name, "[heap]") == 0) return kind::heap;
    if (std::strcmp(name, "[stack]") == 0) return kind::main_stack;
    if (*name == '[') return kind::special;
    const bool is_memory = std::strncmp(name, "/dev/shm/", 9) == 0 || std::strncmp(name, "/dev/zero", 9) == 0;
    return !is_memory && std::strncmp(name, "/dev/", 5) == 0 ? kind::device : kind::file;
  }

  static std::uintptr_t hexadecimal(const char*& at) noexcept {
    std::uintptr_t value = 0;
    for (;; ++at) {
      const char c = *at;
      if (c >= '0' && c <= '9')
        value = value << 4 | static_cast<unsigned>(c - '0');
      else if (c >= 'a' && c <= 'f')
        value = value << 4 | static_cast<unsigned>(c - 'a' + 10);
      else
        return value;
    }
  }

  page_array<memory_mapping>& into_;
  char text_[16384];
  std::size_t length_ = 0;
};

/// Lists the mappings of this process that may hold pointers, by address, or those of another one by its file.
inline bool read_memory_map(page_array<memory_mapping>& into, const char* path = "/proc/self/maps") noexcept {
  return memory_map_reader(into).read(path);
}

}  // namespace taskleak::inline v0::detail

#endif
