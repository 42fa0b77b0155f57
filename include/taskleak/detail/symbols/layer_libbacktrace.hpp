// SPDX-License-Identifier: MIT
/// \file Functions and lines from debug information, by libbacktrace.
///
/// Called directly and not through Boost.Stacktrace, which merges all functions inlined at an address into the outermost one: the
/// line of the innermost with the name of the outermost.
#ifndef TASKLEAK_DETAIL_SYMBOLS_LAYER_LIBBACKTRACE_HPP
#define TASKLEAK_DETAIL_SYMBOLS_LAYER_LIBBACKTRACE_HPP

#include <taskleak/detail/platform/choice.hpp>
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
    const answer raw = ask(pc);
    for (std::size_t i = 0; i < raw.count; ++i) {
      frame& made = found.emplace_back();
      made.function = demangle(raw.functions[i].name);
      if (raw.functions[i].file) made.file = without_wrong_directory(raw.functions[i].file);
      if (raw.functions[i].line > 0) made.line = static_cast<unsigned>(raw.functions[i].line);
    }
#if !defined(TASKLEAK_ON_LINUX)
    // debug information has only the last part of a name; elsewhere the base layer has the whole of it
    if (raw.count != 0 && raw.symbol) found.back().function = demangle(raw.symbol);
#endif
    // a function without debug information
    if (raw.count == 0 && raw.symbol) found.emplace_back().function = demangle(raw.symbol);
    return raw.is_known();
  }

  std::string note() const {
    const char* const message = last_error_.load(std::memory_order_relaxed);
    std::string text = "no source lines: compile with -g to see them";
    if (message) text.append(" (libbacktrace: ").append(message).append(")");
    return text;
  }

 private:
  /// Holds what libbacktrace says of one address; the texts are in memory that libbacktrace never gives back.
  struct answer {
    struct function {
      const char* name;
      const char* file;
      int line;
    };
    static constexpr std::size_t most = 64;  ///< functions inlined at one place; outer ones are left out beyond that

    bool is_known() const noexcept { return count != 0 || symbol; }

    layer_libbacktrace* self = nullptr;
    std::size_t count = 0;
    function functions[most] = {};
    const char* symbol = nullptr;  ///< of the symbol table
  };

  /// Lets one thread in at a time: libbacktrace reads a unit when it is first asked for, and two threads may ask for the same one
  /// at once.
  ///
  /// Nothing of the program's runs under the lock, not even its allocator, and libbacktrace takes no lock of the dynamic loader
  /// that is held while constructors run (dl_iterate_phdr(3) has one of its own). The child of a fork makes no report.
  answer ask(std::uintptr_t pc) {
    const std::lock_guard lock(mutex_);
    if (!state_) renew_state();
    const answer known = ask_state(pc);
    if (known.is_known()) return known;
    // A state knows the libraries that were loaded at its first use. It cannot be freed, so it is replaced only when needed.
    if (count_loads().loads == loads_) return known;
    renew_state();
    return ask_state(pc);
  }

  /// Returns of `/build//src/feed.cpp` the second half, unless that is a sloppy way to write a path.
  ///
  /// libbacktrace puts the directory of a DWARF 5 file entry before its name even where that is absolute, as clang's are when
  /// sources and build have only the root in common.
  static const char* without_wrong_directory(const char* file) {
    const char* const doubled = std::strstr(file, "//");
    if (!doubled || doubled == file) return file;
    const char* const absolute = doubled + 1;
    return ::access(absolute, F_OK) == 0 || ::access(file, F_OK) != 0 ? absolute : file;
  }

  /// Makes the state, but not while no file can be opened: a state never tries again.
  void renew_state() {
    if (!has_descriptor_left()) return;
    constexpr int threaded = 0;
    loads_ = count_loads().loads;
    state_ = ::backtrace_create_state(nullptr, threaded, &ignore_error, nullptr);
  }

  /// Passes an error over: without a state every look-up fails, and note() says so.
  static void ignore_error(void*, const char*, int) {}

  static void remember_error(void* data, const char* message, int) {
    // the messages are literals of libbacktrace
    static_cast<answer*>(data)->self->last_error_.store(message, std::memory_order_relaxed);
  }

  answer ask_state(std::uintptr_t pc) {
    answer raw;
    raw.self = this;
    if (!state_) return raw;
    ::backtrace_pcinfo(
        state_, pc,
        [](void* data, std::uintptr_t, const char* file, int line, const char* function) -> int {
          auto& a = *static_cast<answer*>(data);
          if ((file || function) && a.count < answer::most) a.functions[a.count++] = {function, file, line};
          return 0;
        },
        &remember_error, &raw);
    ::backtrace_syminfo(
        state_, pc,
        [](void* data, std::uintptr_t, const char* symbol, std::uintptr_t, std::uintptr_t) {
          static_cast<answer*>(data)->symbol = symbol;
        },
        &remember_error, &raw);
    return raw;
  }

  std::mutex mutex_;
  backtrace_state* state_ = nullptr;
  unsigned long long loads_ = 0;  ///< when the state was made
  std::atomic<const char*> last_error_{nullptr};
};

}  // namespace taskleak::inline v0::detail

#endif
