// SPDX-License-Identifier: MIT
/// \file Looks into one live coroutine: where it is suspended, what it awaits, who awaits it, and who created it.
#ifndef TASKLEAK_DETAIL_INSPECT_INSPECT_COROUTINE_HPP
#define TASKLEAK_DETAIL_INSPECT_INSPECT_COROUTINE_HPP

#include <taskleak/detail/coroutine/creation_stacks.hpp>
#include <taskleak/detail/coroutine/live_coroutine.hpp>
#include <taskleak/detail/inspect/await_graph.hpp>
#include <taskleak/detail/platform/linux/coarse_clock.hpp>
#include <taskleak/detail/platform/linux/foreign_memory.hpp>
#include <taskleak/detail/symbols/coroutine_name.hpp>
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/detail/symbols/symbolizer.hpp>
#include <taskleak/detail/text/path.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <source_location>
#include <string>
#include <unordered_map>
#include <vector>

namespace taskleak::inline v0::detail {

/// Looks into coroutines one after the other; what many have in common is looked up once.
class coroutine_inspector {
 public:
  explicit coroutine_inspector(const await_graph& graph) : graph_(graph) {}

  /// Notes the coroutine that a parked thread waits for. Returns it in words, `coroutine 912 session(int)`; empty when there is none.
  std::string awaited_by_thread(std::uintptr_t stack_pointer, const std::string& thread) {
    constexpr std::uintptr_t innermost = 16384;
    if (graph_.coroutines().empty()) return {};
    const std::size_t index = graph_.awaited_from_stack(stack_pointer, stack_pointer + innermost);
    if (index == await_graph::none) return {};
    threads_[index] = thread;
    return in_words(index);
  }

  straggler inspect(std::size_t index) {
    const live_coroutine& c = graph_.coroutines()[index];
    straggler s;
    s.kind = task_kind::coroutine;
    s.id = c.id();
    const frame self = frame_of(index);
    s.name = self.function;
    set_state(c, self, s);
    s.parked_for = std::chrono::milliseconds(coarse_ms() - c.data.since_ms);
    const std::vector<std::size_t> chain = graph_.chain_of(index);
    for (const std::size_t link : chain) s.stack.push_back(frame_of(link));
    if (const auto waiting = threads_.find(chain.back()); waiting != threads_.end())
      s.stack.emplace_back().function = waiting->second;
    if (c.data.state == coroutine_state::suspended) set_awaited(index, s);
    s.created_by = c.birth.created_by_main ? "main thread" : "thread " + std::to_string(c.birth.creator_tid);
    if (c.birth.charged_to && c.birth.charged_to->name) s.scope = c.birth.charged_to->name;
    s.creation_stack = creation_stack_of(c, s.name);
    return s;
  }

  /// The coroutine's function, and the place where it is suspended.
  frame frame_of(std::size_t index) {
    const live_coroutine& c = graph_.coroutines()[index];
    frame f;
    f.function = function_of(c);
    if (c.data.state == coroutine_state::created) return f;
    if (!is_readable(c.data.place)) return f;
    f.file = file_of(c.data.place.file_name());
    f.line = c.data.place.line();
    return f;
  }

 private:
  static void set_state(const live_coroutine& c, const frame& self, straggler& s) {
    switch (c.data.state) {
      case coroutine_state::created: s.state = state::created; break;
      case coroutine_state::running: s.state = state::running; break;
      case coroutine_state::suspended: s.state = state::suspended; break;
      case coroutine_state::finished: s.state = state::finished_never_destroyed; break;
    }
    s.state_text = to_string(s.state);
    if (s.state == state::suspended) s.state_text.append(" at ").append(self.file).append(1, ':').append(std::to_string(self.line));
  }

  void set_awaited(std::size_t index, straggler& s) {
    const live_coroutine& c = graph_.coroutines()[index];
    s.waits_on.kind = type_of(c.data.awaited);
    s.waits_on.address = c.awaiter();
    if (const std::size_t child = graph_.child_of(index); child != await_graph::none)
      s.waits_on.detail = in_words(child);
  }

  /// Not so once the library that the place is in has been unloaded. The three implementations of std::source_location that there
  /// are hold one pointer, to a constant that begins with a pointer to the file's name.
  static bool is_readable(std::source_location place) noexcept {
    static_assert(sizeof place == sizeof(std::uintptr_t));
    std::uintptr_t constant = 0;
    std::memcpy(&constant, &place, sizeof constant);
    std::uintptr_t file = 0;
    char first = 0;
    return constant != 0 && copy_value(constant, file) && copy_value(file, first);
  }

  std::string in_words(std::size_t index) {
    const live_coroutine& c = graph_.coroutines()[index];
    return "coroutine " + std::to_string(c.id()) + ' ' + function_of(c);
  }

  /// By the ABI that GCC and Clang share, a frame begins with the addresses of the coroutine's resume function, which is 0 when it
  /// has finished, and of its destroy function.
  const std::string& function_of(const live_coroutine& c) {
    std::uintptr_t destroy = 0;
    copy_value(c.frame() + sizeof(void*), destroy);
    std::string& known = functions_[destroy];
    if (!known.empty()) return known;
    const std::vector<frame> found = symbols().resolve(destroy, false);
    if (!found.empty() && found.back().function.find("+0x") == std::string::npos)
      known = found.back().function;
    else if (is_readable(c.data.place))
      known = readable(coroutine_of_part(c.data.place.function_name()));
    else
      known = found.empty() ? "a coroutine" : found.back().function;
    return known;
  }

  const std::string& file_of(const char* file) {
    std::string& known = files_[file];
    if (known.empty()) known = shorten_path(file);
    return known;
  }

  const std::string& type_of(const await_kind* kind) {
    std::string& known = types_[kind];
    if (!known.empty()) return known;
    await_kind copy{};
    char first = 0;
    const bool is_there = copy_value(reinterpret_cast<std::uintptr_t>(kind), copy) &&
                          copy_value(reinterpret_cast<std::uintptr_t>(copy.text), first);
    known = is_there ? type_of_text(copy.text) : "a type of a library that is unloaded";
    return known;
  }

  /// The frames around the ramp function, which is on the stack itself unless it was inlined.
  std::vector<frame> creation_stack_of(const live_coroutine& c, const std::string& function) {
    std::vector<std::uintptr_t> addresses = kept_creation_stacks.find(c.id());
    if (addresses.empty())
      for (const void* address : c.data.creation) addresses.push_back(reinterpret_cast<std::uintptr_t>(address));
    std::vector<frame> stack;
    for (const std::uintptr_t address : addresses) symbols().append(address, true, stack);
    const auto ramp = std::find_if(stack.begin(), stack.end(), [&](const frame& f) { return f.function == function; });
    if (ramp != stack.end()) stack.erase(stack.begin(), ramp + 1);
    mark_plumbing(stack);
    return stack;
  }

  const await_graph& graph_;
  std::unordered_map<std::size_t, std::string> threads_;  ///< those that wait for the coroutine with this index
  std::unordered_map<std::uintptr_t, std::string> functions_;
  std::unordered_map<const char*, std::string> files_;
  std::unordered_map<const await_kind*, std::string> types_;
};

}  // namespace taskleak::inline v0::detail

#endif
