// SPDX-License-Identifier: MIT
/// \file Turns code addresses into the functions and lines of a report, and remembers them.
#ifndef TASKLEAK_DETAIL_SYMBOLS_SYMBOLIZER_HPP
#define TASKLEAK_DETAIL_SYMBOLS_SYMBOLIZER_HPP

#include <taskleak/detail/base/id_map.hpp>
#include <taskleak/detail/base/never_destroyed.hpp>
#include <taskleak/detail/base/path.hpp>
#include <taskleak/detail/symbols/backend.hpp>
#include <taskleak/detail/symbols/module.hpp>
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/detail/symbols/readable.hpp>
#include <taskleak/detail/unwind/function_start.hpp>
#include <taskleak/report.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Looks up addresses, each once. For use only when there is something to report: the first look-up reads debug information.
///
/// May be used by several threads. No lock is held during a look-up, which enters the dynamic loader: a thread that is in dlopen
/// may itself be waiting for a report.
class symbolizer {
 public:
  /// Appends the functions at the address, innermost first: several where some were inlined, and always at least one,
  /// unless the address is null, which some unwinders end a stack with.
  ///
  /// A return address stands behind its call, maybe already in the next function: is_return_address looks before it.
  void append(std::uintptr_t address, bool is_return_address, std::vector<frame>& stack) {
    if (address == 0) return;
    const shared_functions known = functions_at(is_return_address ? address - 1 : address);
    for (const frame& f : known->frames) {
      if (&f == &known->frames.back() && is_ramp_around(*known, stack)) break;
      stack.push_back(f);
      stack.back().address = address;
    }
  }

  /// Whether the return address leads into the part of a coroutine that runs its body.
  bool is_coroutine_body(std::uintptr_t address) { return address != 0 && functions_at(address - 1)->is_coroutine_body; }

  /// Whether it does so in a coroutine that GCC has compiled, where the code has the line of the coroutine's head.
  bool has_line_of_coroutine_head(std::uintptr_t address) {
    if (address == 0 || !functions_at(address - 1)->is_actor) return false;
    const std::uintptr_t start = function_start(address - 1);
    return start != 0 && functions_at(start)->frames.back().line == functions_at(address - 1)->frames.back().line;
  }

  /// Returns whether the address was looked up before, so that append() has nothing to read.
  bool knows(std::uintptr_t address, bool is_return_address) {
    const loader_counts loads = count_loads();
    const std::lock_guard lock(mutex_);
    return address == 0 || (unloads_ == loads.unloads && cache_.find(is_return_address ? address - 1 : address));
  }

  std::vector<frame> resolve(std::uintptr_t address, bool is_return_address) {
    std::vector<frame> stack;
    append(address, is_return_address, stack);
    return stack;
  }

  /// Returns the path of a source file as reports show it: one for each file, however the compiler came to it. The code is
  /// compiled from it.
  std::string source_path(std::string_view file, std::uintptr_t code) { return source_path(file, find_module(code)); }

  /// Returns the object with static storage that the address lies in, `app::log_lock` or `logger::instance()::one+0x18`; empty
  /// where there is none, or where it has no symbol.
  std::string object_at(std::uintptr_t address) {
    const module_place place = find_module(address);
    return place.path.empty() ? std::string() : backend_.object_at(place);
  }

  /// Returns, once, how to get source lines, if none of the looked-up functions outside of the run-time libraries had one;
  /// otherwise an empty text.
  std::string note() {
    if (!looked_up_.load(std::memory_order_relaxed) || saw_line_.load(std::memory_order_relaxed)) return {};
    return note_given_.exchange(true, std::memory_order_relaxed) ? std::string() : backend_.note();
  }

 private:
  struct functions {
    std::vector<frame> frames;
    bool is_coroutine_body = false;
    bool is_actor = false;        ///< it is one by GCC
    bool may_get_a_name = false;  ///< it has none for want of a descriptor to read the module with
  };
  using shared_functions = std::shared_ptr<const functions>;

  /// Whether the outermost of the functions is the ramp of the coroutine whose body the stack ends with. One name stands for
  /// both, and the ramp's line is that of the coroutine's head only.
  bool is_ramp_around(const functions& f, const std::vector<frame>& stack) {
    if (f.is_coroutine_body || stack.empty() || stack.back().function != f.frames.back().function) return false;
    return functions_at(stack.back().address - 1)->is_coroutine_body;
  }

  shared_functions functions_at(std::uintptr_t pc) {
    const loader_counts loads = count_loads();
    {
      const std::lock_guard lock(mutex_);
      if (unloads_ != loads.unloads) {
        // another library may be at these addresses now
        cache_.clear();
        unloads_ = loads.unloads;
      }
      if (const shared_functions* const known = cache_.find(pc)) return *known;
    }
    shared_functions found = look_up(pc);
    if (found->may_get_a_name) return found;
    const std::lock_guard lock(mutex_);
    shared_functions& kept = cache_[pc];  // another thread may have been first
    if (!kept) kept = std::move(found);
    return kept;
  }

  std::string source_path(std::string_view file, const module_place& place) {
    if (file.empty()) return {};
    const bool is_relative = file.front() != '/';
    const std::string directory = is_relative && !place.path.empty() ? backend_.compiled_in(place) : std::string();
    std::string key = directory;
    key.append(1, '\0').append(file);
    const std::uint64_t hash = std::hash<std::string_view>()(key);
    {
      const std::lock_guard lock(mutex_);
      if (const shown_path* const known = paths_.find(hash); known && known->key == key) return known->shown;
    }
    std::string shown = shorten_path(canonical_path(file, directory));
    const std::lock_guard lock(mutex_);
    shown_path& kept = paths_[hash];
    kept = {std::move(key), shown};
    return shown;
  }

  shared_functions look_up(std::uintptr_t pc) {
    const module_place place = find_module(pc);
    auto made = std::make_shared<functions>();
    std::vector<frame>* const found = &made->frames;
    if (place.path.empty() || !backend_.look_up(place, pc, *found)) found->emplace_back();
    made->may_get_a_name = found->back().function.empty() && !has_descriptor_left();
    made->is_coroutine_body = is_body_of_coroutine(found->back().function);
    made->is_actor = drop_piece_of_part(found->back().function).ends_with(" [clone .actor]");
    // debug information of the C library may be installed where the user's own is missing
    const bool counts = !is_runtime_library(place.path);
    if (counts) looked_up_.store(true, std::memory_order_relaxed);
    for (frame& f : *found) {
      f.function = f.function.empty() ? nameless_function(place, pc) : readable(f.function);
      f.file = source_path(f.file, place);
      f.module = place.path;
      f.inlined = &f != &found->back();
      if (counts && f.line != 0) saw_line_.store(true, std::memory_order_relaxed);
    }
    name_inlined_lambda(*found);
    return made;
  }

  /// Completes the name of an inlined function, of which debug information may have the last part only, `operator()`. In the
  /// function that passes a call through a plain function pointer on to a lambda, that name is the lambda's.
  static void name_inlined_lambda(std::vector<frame>& at_one_place) {
    constexpr std::string_view entry = "::_FUN(";
    if (at_one_place.size() < 2) return;
    const std::string& outer = at_one_place.back().function;
    frame& inlined = at_one_place[at_one_place.size() - 2];
    const std::size_t at = outer.rfind(entry);
    if (at == std::string::npos || inlined.function != "operator()" || inlined.file != at_one_place.back().file) return;
    inlined.function = outer.substr(0, at).append("::operator()").append(outer.substr(at + entry.size() - 1));
  }

  /// Holds the path that is shown, and what it was made of: directory and path as the debug information has them.
  struct shown_path {
    std::string key;
    std::string shown;
  };

  symbol_backend backend_;
  std::mutex mutex_;
  id_map<shared_functions> cache_;  ///< by the address looked up
  id_map<shown_path> paths_;        ///< by the hash of the key
  unsigned long long unloads_ = 0;
  std::atomic<bool> looked_up_{false};
  std::atomic<bool> saw_line_{false};
  std::atomic<bool> note_given_{false};
};

/// Returns the symbolizer of the process. Never destroyed: a report may be made while static objects die.
inline symbolizer& symbols() { return never_destroyed<symbolizer>(); }

inline std::vector<frame> resolve(std::uintptr_t address, bool is_return_address) {
  return symbols().resolve(address, is_return_address);
}

/// Returns what is shown below the first report: how to get source lines. Empty when there were some, and after the first time.
inline std::string symbol_note() { return symbols().note(); }

}  // namespace taskleak::inline v0::detail

#endif
