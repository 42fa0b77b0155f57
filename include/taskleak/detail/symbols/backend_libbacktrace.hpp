// SPDX-License-Identifier: MIT
/// \file Functions and lines from debug information, by libbacktrace.
///
/// Called directly and not through Boost.Stacktrace, which merges all functions inlined at an address into the outermost one: the
/// line of the innermost with the name of the outermost.
#ifndef TASKLEAK_DETAIL_SYMBOLS_BACKEND_LIBBACKTRACE_HPP
#define TASKLEAK_DETAIL_SYMBOLS_BACKEND_LIBBACKTRACE_HPP

#include <taskleak/detail/symbols/demangle.hpp>
#include <taskleak/detail/symbols/line_table.hpp>
#include <taskleak/detail/symbols/module.hpp>
#include <taskleak/report.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <unistd.h>

// gcc has backtrace.h in a folder of its own, where clang does not look. These four are its stable C interface; they may be
// declared a second time if the program includes that header, too.
extern "C" {
struct backtrace_state;
struct backtrace_state* backtrace_create_state(const char* filename, int threaded,
                                               void (*error_callback)(void* data, const char* message, int error), void* data);
int backtrace_pcinfo(struct backtrace_state* state, std::uintptr_t pc,
                     int (*callback)(void* data, std::uintptr_t pc, const char* file, int line, const char* function),
                     void (*error_callback)(void* data, const char* message, int error), void* data);
int backtrace_syminfo(struct backtrace_state* state, std::uintptr_t address,
                      void (*callback)(void* data, std::uintptr_t pc, const char* symbol, std::uintptr_t value,
                                       std::uintptr_t size),
                      void (*error_callback)(void* data, const char* message, int error), void* data);
}

namespace taskleak::inline v0::detail {

class backend_libbacktrace {
 public:
  bool look_up(std::uintptr_t pc, std::vector<frame>& found) {
    const std::size_t before = found.size();
    if (!look_up_known(pc, found)) return false;
    if (found.size() == before + 1 && found.back().file.empty()) look_up_line(pc, found.back());
    return true;
  }

  std::string note() const {
    const char* const message = last_error_.load(std::memory_order_relaxed);
    std::string text = "no source lines: compile with -g to see them";
    if (message) text.append(" (libbacktrace: ").append(message).append(")");
    return text;
  }

 private:
  struct request {
    backend_libbacktrace* self;
    std::vector<frame>* found;
    std::string symbol;
  };

  /// Of `/build//src/feed.cpp` the second half, unless that is a sloppy way to write a path.
  ///
  /// libbacktrace puts the directory of a DWARF 5 file entry before its name even where that is absolute, as clang's are when
  /// sources and build have only the root in common.
  static const char* without_wrong_directory(const char* file) {
    const char* const doubled = std::strstr(file, "//");
    if (!doubled || doubled == file) return file;
    const char* const absolute = doubled + 1;
    return ::access(absolute, F_OK) == 0 || ::access(file, F_OK) != 0 ? absolute : file;
  }

  static backtrace_state* make_state() {
    constexpr int threaded = 1;
    return ::backtrace_create_state(nullptr, threaded, &ignore_error, nullptr);
  }

  backtrace_state* current_state() {
    if (backtrace_state* const known = state_.load(std::memory_order_acquire)) return known;
    loads_.store(count_loads().loads, std::memory_order_relaxed);
    backtrace_state* const made = make_state();
    backtrace_state* expected = nullptr;
    return state_.compare_exchange_strong(expected, made, std::memory_order_acq_rel) ? made : expected;
  }

  /// Without a state every look-up fails, and note() says so.
  static void ignore_error(void*, const char*, int) {}

  static void remember_error(void* data, const char* message, int) {
    // the messages are literals of libbacktrace
    static_cast<request*>(data)->self->last_error_.store(message, std::memory_order_relaxed);
  }

  bool look_up_known(std::uintptr_t pc, std::vector<frame>& found) {
    if (look_up_in(current_state(), pc, found)) return true;
    // A state knows the libraries that were loaded at its first use. It cannot be freed, so it is replaced only when needed.
    const loader_counts now = count_loads();
    if (loads_.exchange(now.loads, std::memory_order_relaxed) == now.loads) return false;
    state_.store(make_state(), std::memory_order_release);
    return look_up_in(current_state(), pc, found);
  }

  bool look_up_in(backtrace_state* state, std::uintptr_t pc, std::vector<frame>& found) {
    if (!state) return false;
    const std::size_t before = found.size();
    request wanted{this, &found, {}};
    ::backtrace_pcinfo(
        state, pc,
        [](void* data, std::uintptr_t, const char* file, int line, const char* function) -> int {
          if (!file && !function) return 0;
          frame& made = static_cast<request*>(data)->found->emplace_back();
          made.function = demangle(function);
          if (file) made.file = without_wrong_directory(file);
          if (line > 0) made.line = static_cast<unsigned>(line);
          return 0;
        },
        &remember_error, &wanted);
    ::backtrace_syminfo(
        state, pc,
        [](void* data, std::uintptr_t, const char* symbol, std::uintptr_t, std::uintptr_t) {
          static_cast<request*>(data)->symbol = demangle(symbol);
        },
        &remember_error, &wanted);
    if (!wanted.symbol.empty()) {
      if (found.size() == before) found.emplace_back();
      // Debug information has only the last part of the name of a function with internal linkage; the symbol has all of it.
      found.back().function = static_cast<std::string&&>(wanted.symbol);
    }
    return found.size() != before;
  }

  /// Sets file and line of a function that libbacktrace knows by its symbol only, if the line table of its module has them.
  ///
  /// GNU ld makes every unit with a function of a header claim the one copy that was kept, and libbacktrace merges the adjacent
  /// ranges of a unit. So one unit may have a range inside of a longer one of another; behind the inner range libbacktrace gives
  /// up, since of all ranges it asks only the one that starts last.
  void look_up_line(std::uintptr_t pc, frame& function) {
    module_place place = find_module(pc);
    if (place.path.empty()) return;
    if (place.path == executable_path()) place.path = "/proc/self/exe";  // also if it was replaced since
    lines_of(place.path).find(place.offset, function.file, function.line);
  }

  const line_table& lines_of(const std::string& path) {
    const std::lock_guard lock(modules_mutex_);
    for (const std::unique_ptr<module_lines>& known : modules_) {
      if (known->path == path) return known->lines;
    }
    modules_.push_back(std::make_unique<module_lines>(path));
    return modules_.back()->lines;
  }

  struct module_lines {
    explicit module_lines(const std::string& of) : path(of), lines(of.c_str()) {}
    std::string path;
    line_table lines;
  };

  std::mutex modules_mutex_;  ///< guards modules_; what is in them stays as it is
  std::vector<std::unique_ptr<module_lines>> modules_;
  std::atomic<backtrace_state*> state_{nullptr};
  std::atomic<unsigned long long> loads_{0};
  std::atomic<const char*> last_error_{nullptr};
};

}  // namespace taskleak::inline v0::detail

#endif
