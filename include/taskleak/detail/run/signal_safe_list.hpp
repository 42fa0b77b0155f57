// SPDX-License-Identifier: MIT
/// \file Lists threads in a signal handler, by system calls of signal-safety(7) and memory of its own, and nothing else.
#ifndef TASKLEAK_DETAIL_RUN_SIGNAL_SAFE_LIST_HPP
#define TASKLEAK_DETAIL_RUN_SIGNAL_SAFE_LIST_HPP

#include <taskleak/detail/base/digits.hpp>
#include <taskleak/detail/base/separator.hpp>
#include <taskleak/detail/base/visible.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/platform/task_directory.hpp>
#include <taskleak/detail/probe/thread/thread_record.hpp>
#include <taskleak/detail/registry/current.hpp>
#include <taskleak/detail/registry/registry.hpp>
#include <taskleak/detail/symbols/signal_symbols.hpp>
#include <taskleak/detail/unwind/signal_stack.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Builds lines in a fixed buffer and writes them to a descriptor, the last ones with flush().
class signal_safe_writer {
 public:
  constexpr explicit signal_safe_writer(int to = STDERR_FILENO) noexcept : to_(to) {}

  signal_safe_writer& text(const char* t) noexcept {
    for (; *t; ++t) put(*t);
    return *this;
  }
  /// Writes text that may hold anything, such as a thread's name or a path, on one line.
  signal_safe_writer& text_on_one_line(const char* t) noexcept {
    make_visible(t, [this](std::string_view piece) { text(piece.data(), piece.size()); });
    return *this;
  }
  signal_safe_writer& text(const char* t, std::size_t size) noexcept {
    for (; size > 0; --size) put(*t++);
    return *this;
  }
  signal_safe_writer& number(std::uint64_t n, unsigned base = 10) noexcept {
    const digits written(n, base);
    return text(written.view().data(), written.view().size());
  }

  void flush() noexcept {
    const char* at = buffer_;
    while (used_ > 0 && takes_text()) {
      const ssize_t wrote = write(to_, at, used_);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) break;
      at += wrote;
      used_ -= static_cast<std::size_t>(wrote);
    }
    used_ = 0;
  }

 private:
  static constexpr int longest_wait_ms = 1000;

  /// Whether the descriptor takes text, within some time. A pipe that nobody reads would keep the process, and a pipe whose
  /// reader has gone would end the process by SIGPIPE: after the first refusal nothing more is written.
  bool takes_text() noexcept {
    pollfd taker{to_, POLLOUT, 0};
    if (!refused_) refused_ = poll(&taker, 1, longest_wait_ms) != 1 || (taker.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
    return !refused_;
  }

  void put(char c) noexcept {
    if (used_ == sizeof buffer_) flush();
    buffer_[used_++] = c;
  }

  int to_;
  char buffer_[512]{};
  std::size_t used_ = 0;
  bool refused_ = false;
};

/// Finds which module holds an address, from /proc/self/maps: `path` and the address within the file.
class signal_safe_modules {
 public:
  /// Finds path and offset of an address; returns false when no file is mapped there.
  bool find(std::uintptr_t address, char (&path)[256], std::uintptr_t& offset) noexcept {
    return search([&] { return matches(address, path, offset); });
  }

  /// Returns how many bytes a stack has below its stack pointer; the main thread's stack grows as needed.
  std::size_t room_below(std::uintptr_t sp) noexcept {
    std::size_t room = 0;
    search([&] {
      const char* at = line_;
      const std::uintptr_t start = hex(at);
      if (*at++ != '-' || sp < start || sp >= hex(at)) return false;
      room = std::strstr(at, "[stack]") ? SIZE_MAX : sp - start;
      return true;
    });
    return room;
  }

 private:
  /// Reads line after line until `is_it` returns true.
  template <class IsIt>
  bool search(IsIt&& is_it) noexcept {
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
        found = is_it();
      }
    close(fd);
    return found;
  }

  /// Whether the line, one of proc_pid_maps(5), has the address: `start-end perms offset dev inode path`.
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

  char line_[512]{};
  std::size_t line_size_ = 0;
};

/// Holds a copy of one thread, made under a lock that is released before anything is written.
struct signal_safe_thread {
  int tid;
  int creator_tid;
  bool created_by_main;
  bool finished;
  std::uint64_t name[2];
  unsigned depth;
  const void* stack[thread_record::max_creation_frames];
};

/// Copies a record, under the shard's lock, or the calling thread's own record.
inline void copy_record(const thread_record& r, signal_safe_thread& c) noexcept {
  c.tid = r.tid.load_acquire();
  c.creator_tid = r.creator_tid;
  c.created_by_main = r.created_by_main;
  c.finished = (r.events.load_acquire() & thread_event::finished) != 0;
  c.name[0] = r.name_words[0].load_relaxed();
  c.name[1] = r.name_words[1].load_relaxed();
  c.depth = 0;
  for (unsigned i = 0; i < r.creation_depth; ++i)
    if ((reinterpret_cast<std::uintptr_t>(r.creation_stack[i]) & transfer_mark) == 0) c.stack[c.depth++] = r.creation_stack[i];
}

/// Writes reports in a signal handler: functions without their parameters, and addresses as `module+offset` for addr2line(1).
/// Frames of taskleak, of GoogleTest and of the language are left out where their symbols tell.
class signal_safe_list {
 public:
  signal_safe_writer& out() noexcept { return out_; }

  /// Writes the thread that handles the signal: its stack, and its creation where it is on record.
  void write_own(const signal_safe_stack& stack) noexcept {
    const auto* const node = this_task.node;
    write_header(current_tid(), nullptr);
    out_.text("\n");
    write_stack(
        stack.size(), [&](std::size_t i) { return stack.address(i); }, true);
    if (!node) return;
    copy_record(static_cast<const thread_record&>(*node), copies_[0]);
    write_creation(copies_[0]);
  }

  /// Writes the other threads: those that were never joined or detached, or with `detached_too` all that have not ended, the main
  /// thread first. Says so when there are more, or when a list is locked.
  void write_others(bool detached_too) noexcept {
    std::size_t count = 0, more = 0;
    const int own = current_tid();
    if (detached_too && own != current_pid()) {
      out_.text(separator_line);
      write_header(current_pid(), name_of_main_thread);
      out_.text("\n");
    }
    const bool all = the_registry.try_for_each([&](task_node& node) {
      if (&node == this_task.node) return;
      const auto& r = static_cast<const thread_record&>(node);
      const std::uint32_t events = r.events.load_acquire();
      if ((events & (detached_too ? thread_event::finished : thread_event::released)) != 0 || r.tid.load_acquire() == own) return;
      count < most ? copy_record(r, copies_[count++]) : static_cast<void>(++more);
    });
    for (std::size_t i = 0; i < count; ++i) {
      signal_safe_thread& c = copies_[i];
      char name[17] = {};
      std::memcpy(name, c.name, sizeof c.name);
      out_.text(separator_line);
      write_header(c.tid, c.finished || c.tid == 0 ? name : nullptr);
      if (c.finished) out_.text(" [finished never joined]");
      if (c.tid == 0) out_.text(" [created]");
      out_.text("\n");
      write_creation(c);
    }
    if (more > 0) out_.text(separator_line).text("and ").number(more).text(" more\n");
    if (!all)
      out_.text(separator_line)
          .text("taskleak: some threads are missing here: their list was being changed when the signal came\n");
  }

  /// Whether the calling thread has so many bytes of stack left.
  bool has_stack(std::size_t bytes) noexcept {
    return modules_.room_below(reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0))) >= bytes;
  }

 private:
  static constexpr std::size_t most = 16;

  /// Writes the first line of a thread; a null name stands for the name that the kernel has.
  void write_header(int tid, const char* name) noexcept {
    char comm[32] = {};
    if (!name) {
      read_name(tid, comm);
      name = comm;
    }
    out_.text("thread ").number(static_cast<std::uint64_t>(tid)).text(" \"").text_on_one_line(name).text("\"");
  }

  static void read_name(int tid, char (&name)[32]) noexcept {
    const int fd = own_tasks.open_file(tid, "comm");
    if (fd < 0) return;
    const ssize_t got = read(fd, name, sizeof name - 1);
    close(fd);
    if (got > 0) name[got - 1] = '\0';  // the kernel ends the name with a newline
  }

  void write_creation(const signal_safe_thread& c) noexcept {
    out_.text("    created by ");
    if (c.created_by_main)
      out_.text("main thread\n");
    else
      out_.text("thread ").number(static_cast<std::uint64_t>(c.creator_tid)).text("\n");
    write_stack(
        c.depth, [&](std::size_t i) { return reinterpret_cast<std::uintptr_t>(c.stack[i]); }, false);
  }

  template <class AddressOf>
  void write_stack(std::size_t size, AddressOf&& address_of, bool first_is_interrupted) noexcept {
    bool any = false;
    for (std::size_t i = 0; i < size; ++i)
      if (write_frame(!any, address_of(i), i > 0 || !first_is_interrupted)) any = true;
  }

  /// Writes a frame; returns false for a frame that is left out.
  bool write_frame(bool first, std::uintptr_t address, bool is_return_address) noexcept {
    const char* const start = first ? "    at " : "       ";
    std::uintptr_t offset = 0;
    if (!modules_.find(address - (is_return_address ? 1 : 0), path_, offset)) {
      out_.text(start).text("0x").number(address, 16).text("\n");
      return true;
    }
    const char* const symbol = symbols_.find(path_, offset);
    for (const char* prefix : {"_ZN8taskleak", "taskleak_", "_ZSt", "_ZNSt6thread", "_ZN7testing"})
      if (std::strncmp(symbol, prefix, std::strlen(prefix)) == 0) return false;
    out_.text(start);
    if (*symbol) out_.text(name_.of(symbol)).text("  (");
    out_.text_on_one_line(path_).text("+0x").number(offset, 16).text(*symbol ? ")\n" : "\n");
    return true;
  }

  signal_safe_writer out_;
  signal_safe_modules modules_;
  signal_safe_symbols symbols_;
  plain_name name_;
  char path_[256]{};
  signal_safe_thread copies_[most]{};
};

/// Is the one list of the process, since a signal handler's stack may be small. Only the thread with the last word uses it, see
/// last_words.hpp.
inline constinit signal_safe_list the_signal_safe_list;

}  // namespace taskleak::inline v0::detail

#endif
