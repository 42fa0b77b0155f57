// SPDX-License-Identifier: MIT
/// \file Functions and lines from debug information, by libbacktrace.
///
/// Called directly and not through Boost.Stacktrace, which merges all functions inlined at an address into the outermost one: the
/// line of the innermost with the name of the outermost.
#ifndef TASKLEAK_DETAIL_SYMBOLS_LAYER_LIBBACKTRACE_HPP
#define TASKLEAK_DETAIL_SYMBOLS_LAYER_LIBBACKTRACE_HPP

#include <taskleak/detail/symbols/demangle.hpp>
#include <taskleak/detail/symbols/module.hpp>
#include <taskleak/report.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
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

class layer_libbacktrace {
 public:
  static constexpr bool knows_inlined_functions = true;

  bool look_up(std::uintptr_t pc, std::vector<frame>& found) {
    // libbacktrace reads a unit when it is first asked for, and two threads may ask for the same one at once
    const std::lock_guard lock(mutex_);
    if (!state_) renew_state();
    if (look_up_known(pc, found)) return true;
    // A state knows the libraries that were loaded at its first use. It cannot be freed, so it is replaced only when needed.
    if (count_loads().loads == loads_) return false;
    renew_state();
    return look_up_known(pc, found);
  }

  std::string note() const {
    const char* const message = last_error_.load(std::memory_order_relaxed);
    std::string text = "no source lines: compile with -g to see them";
    if (message) text.append(" (libbacktrace: ").append(message).append(")");
    return text;
  }

 private:
  struct request {
    layer_libbacktrace* self;
    std::vector<frame>* found;
    const char* symbol;  ///< of the symbol table
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

  void renew_state() {
    constexpr int threaded = 0;
    loads_ = count_loads().loads;
    state_ = ::backtrace_create_state(nullptr, threaded, &ignore_error, nullptr);
  }

  /// Without a state every look-up fails, and note() says so.
  static void ignore_error(void*, const char*, int) {}

  static void remember_error(void* data, const char* message, int) {
    // the messages are literals of libbacktrace
    static_cast<request*>(data)->self->last_error_.store(message, std::memory_order_relaxed);
  }

  bool look_up_known(std::uintptr_t pc, std::vector<frame>& found) {
    if (!state_) return false;
    const std::size_t before = found.size();
    request wanted{this, &found, nullptr};
    ::backtrace_pcinfo(
        state_, pc,
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
        state_, pc,
        [](void* data, std::uintptr_t, const char* symbol, std::uintptr_t, std::uintptr_t) {
          static_cast<request*>(data)->symbol = symbol;
        },
        &remember_error, &wanted);
    // a function without debug information
    if (found.size() == before && wanted.symbol) found.emplace_back().function = demangle(wanted.symbol);
    return found.size() != before;
  }

  std::mutex mutex_;
  backtrace_state* state_ = nullptr;
  unsigned long long loads_ = 0;  ///< when the state was made
  std::atomic<const char*> last_error_{nullptr};
};

}  // namespace taskleak::inline v0::detail

#endif
