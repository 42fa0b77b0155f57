// SPDX-License-Identifier: MIT
/// \file A list of threads made in a signal handler: system calls of signal-safety(7) and memory of its own, nothing else.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_SIGNAL_SAFE_LIST_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_SIGNAL_SAFE_LIST_HPP

#include <taskleak/detail/platform/linux/thread_record.hpp>
#include <taskleak/detail/registry/registry.hpp>
#include <taskleak/detail/text/separator.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Builds lines in a fixed buffer and writes them to stderr.
class signal_safe_writer {
 public:
  ~signal_safe_writer() { flush(); }

  signal_safe_writer& text(const char* t) noexcept {
    for (; *t; ++t) put(*t);
    return *this;
  }
  signal_safe_writer& number(std::uint64_t n, unsigned base = 10) noexcept {
    char digits[24];
    std::size_t count = 0;
    do digits[count++] = "0123456789abcdef"[n % base];
    while ((n /= base) != 0);
    while (count > 0) put(digits[--count]);
    return *this;
  }

 private:
  void put(char c) noexcept {
    if (used_ == sizeof buffer_) flush();
    buffer_[used_++] = c;
  }
  void flush() noexcept {
    const char* at = buffer_;
    while (used_ > 0) {
      const ssize_t wrote = write(STDERR_FILENO, at, used_);
      if (wrote <= 0) break;
      at += wrote;
      used_ -= static_cast<std::size_t>(wrote);
    }
    used_ = 0;
  }

  char buffer_[512];
  std::size_t used_ = 0;
};

/// Finds which module holds an address, from /proc/self/maps: `path` and the address within the file.
class signal_safe_modules {
 public:
  /// False when no file is mapped there.
  bool find(std::uintptr_t address, char (&path)[256], std::uintptr_t& offset) noexcept {
    const int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool found = false;
    line_size_ = 0;
    char chunk[1024];
    ssize_t got = 0;
    while (!found && (got = read(fd, chunk, sizeof chunk)) > 0)
      for (ssize_t i = 0; i < got && !found; ++i) {
        if (chunk[i] != '\n') {
          if (line_size_ < sizeof line_ - 1) line_[line_size_++] = chunk[i];
          continue;
        }
        line_[line_size_] = '\0';
        line_size_ = 0;
        found = matches(address, path, offset);
      }
    close(fd);
    return found;
  }

 private:
  /// A line of proc_pid_maps(5): `start-end perms offset dev inode path`.
  bool matches(std::uintptr_t address, char (&path)[256], std::uintptr_t& offset) const noexcept {
    const char* at = line_;
    const std::uintptr_t start = hex(at);
    if (*at++ != '-') return false;
    const std::uintptr_t end = hex(at);
    if (address < start || address >= end) return false;
    if (std::strlen(at) < 7) return false;
    at += 6;  // blank, permissions, blank
    const std::uintptr_t file_offset = hex(at);
    const char* name = std::strchr(at, '/');
    if (!name) return false;
    std::size_t length = std::strlen(name);
    if (length >= sizeof path) length = sizeof path - 1;
    std::memcpy(path, name, length);
    path[length] = '\0';
    offset = address - start + file_offset;
    return true;
  }

  static std::uintptr_t hex(const char*& at) noexcept {
    std::uintptr_t value = 0;
    for (;; ++at) {
      const char c = *at;
      if (c >= '0' && c <= '9')
        value = value * 16 + static_cast<std::uintptr_t>(c - '0');
      else if (c >= 'a' && c <= 'f')
        value = value * 16 + static_cast<std::uintptr_t>(c - 'a' + 10);
      else
        return value;
    }
  }

  char line_[512];
  std::size_t line_size_ = 0;
};

/// One thread as copied under a lock that is released before anything is written.
struct signal_safe_thread {
  int tid;
  int creator_tid;
  bool created_by_main;
  std::uint64_t name[2];
  unsigned depth;
  const void* stack[thread_record::max_creation_frames];
};

/// Writes the threads that were never joined, with creation stacks as `module+offset`, which addr2line(1) takes.
inline void list_joinable_threads_signal_safely() noexcept {
  constexpr std::size_t most = 16;
  static signal_safe_thread copies[most];  // a handler's stack may be small
  std::size_t count = 0, more = 0;
  the_registry.for_each_younger_than(0, [&](task_node& node) {
    if (node.kind != task_kind::thread) return;
    const auto& r = static_cast<const thread_record&>(node);
    if (r.events.load_acquire() & thread_event::released) return;
    if (count == most) {
      ++more;
      return;
    }
    signal_safe_thread& c = copies[count++];
    c.tid = r.tid.load_acquire();
    c.creator_tid = r.creator_tid;
    c.created_by_main = r.created_by_main;
    c.name[0] = r.name_words[0].load_relaxed();
    c.name[1] = r.name_words[1].load_relaxed();
    c.depth = r.creation_depth;
    for (unsigned i = 0; i < c.depth; ++i) c.stack[i] = r.creation_stack[i];
  });
  if (count == 0) return;
  signal_safe_writer out;
  out.text("taskleak: abort while threads are not joined:\n");
  signal_safe_modules modules;
  for (std::size_t i = 0; i < count; ++i) {
    const signal_safe_thread& c = copies[i];
    char name[17] = {};
    std::memcpy(name, c.name, sizeof c.name);
    out.text(separator_line)
        .text("thread ")
        .number(static_cast<std::uint64_t>(c.tid))
        .text(" \"")
        .text(name)
        .text("\"\n    created by ");
    if (c.created_by_main)
      out.text("main thread\n");
    else
      out.text("thread ").number(static_cast<std::uint64_t>(c.creator_tid)).text("\n");
    for (unsigned f = 0; f < c.depth; ++f) {
      const auto address = reinterpret_cast<std::uintptr_t>(c.stack[f]);
      char path[256];
      std::uintptr_t offset = 0;
      out.text(f == 0 ? "    at " : "       ");
      if (modules.find(address - 1, path, offset))
        out.text(path).text("+0x").number(offset, 16).text("\n");
      else
        out.text("0x").number(address, 16).text("\n");
    }
  }
  if (more > 0) out.text(separator_line).text("and ").number(more).text(" more\n");
}

}  // namespace taskleak::inline v0::detail

#endif
