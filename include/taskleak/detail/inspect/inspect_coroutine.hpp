// SPDX-License-Identifier: MIT
/// \file Looks into one live coroutine: where it is suspended, what it awaits, who awaits it, and who created it.
#ifndef TASKLEAK_DETAIL_INSPECT_INSPECT_COROUTINE_HPP
#define TASKLEAK_DETAIL_INSPECT_INSPECT_COROUTINE_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/hash_mix.hpp>
#include <taskleak/detail/base/id_map.hpp>
#include <taskleak/detail/base/path.hpp>
#include <taskleak/detail/inspect/await_graph.hpp>
#include <taskleak/detail/inspect/creator.hpp>
#include <taskleak/detail/inspect/scope_name.hpp>
#include <taskleak/detail/inspect/source_place.hpp>
#include <taskleak/detail/inspect/transfer_frames.hpp>
#include <taskleak/detail/inspect/wait_words.hpp>
#include <taskleak/detail/platform/coarse_clock.hpp>
#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/probe/coroutine/creation_stacks.hpp>
#include <taskleak/detail/probe/coroutine/live_coroutine.hpp>
#include <taskleak/detail/registry/current.hpp>
#include <taskleak/detail/symbols/coroutine_name.hpp>
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/detail/symbols/symbolizer.hpp>
#include <taskleak/report.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Describes coroutines one after the other; facts that many have in common are looked up once.
class coroutine_inspector {
 public:
  explicit coroutine_inspector(const await_graph& graph) : graph_(graph) {}

  /// Finds the coroutine that a parked thread waits for, remembers the thread, and returns the coroutine; empty if there is none.
  std::optional<awaited_task> awaited_by_thread(std::uintptr_t stack_pointer, std::uint64_t tid, const std::string& name) {
    constexpr std::uintptr_t innermost = 16384;
    if (graph_.coroutines().empty()) return std::nullopt;
    const std::size_t index = graph_.awaited_from_stack(stack_pointer, stack_pointer + innermost);
    if (index == await_graph::none) return std::nullopt;
    const bool is_main = tid == static_cast<std::uint64_t>(current_pid());
    threads_[index] = is_main ? name_of_main_thread : thread_in_words(tid, name);
    return as_awaited(index);
  }

  straggler inspect(std::size_t index) {
    const live_coroutine& c = graph_.coroutines()[index];
    straggler s;
    s.kind = task_kind::coroutine;
    s.id = c.id();
    s.parked_for = parked_for(c);
    const std::vector<std::size_t> chain = graph_.chain_of(index);
    s.stack.reserve(chain.size() + 1);
    for (const std::size_t link : chain) s.stack.push_back(frame_of(link));
    // a library's own coroutines around the user's say nothing
    for (std::size_t i = 1; i < s.stack.size(); ++i) s.stack[i].plumbing = is_internal_of_a_library(s.stack[i].function);
    s.name = s.stack.front().function;
    set_state(state_of(c, graph_.is_at_its_end(index)), s.stack.front(), s);
    if (!threads_.empty())
      if (const std::string* const waiting = threads_.find(chain.back())) s.stack.emplace_back().function = *waiting;
    if (c.data.state == coroutine_state::suspended) set_awaited(index, s);
    s.created_by = creator_in_words(c.birth.creator_tid, c.birth.created_by_main);
    s.ancestry = ancestry_of(c.birth.creator_tid, c.birth.older_creators);
    s.scope = name_of_scope(c.birth.charged_to);
    s.creation_stack = creation_stack_of(c, s.name);
    return s;
  }

  /// Returns what a coroutine awaits, to be compared with others: the id of another coroutine, or the address of anything else.
  std::pair<std::uint64_t, std::uintptr_t> awaited_by(std::size_t index) const noexcept {
    if (graph_.coroutines()[index].data.state != coroutine_state::suspended) return {};
    const std::size_t child = graph_.child_of(index);
    if (child != await_graph::none) return {graph_.coroutines()[child].id(), 0};
    return {0, graph_.object_of(index)};
  }

  std::chrono::milliseconds parked_for(const live_coroutine& c) const noexcept {
    return std::chrono::milliseconds(now_ms_ - c.data.since_ms);
  }

  /// Whether both coroutines would be described alike but for numbers and what they await, judged without describing either.
  /// Conservative: may return false for coroutines that are alike.
  bool are_alike(std::size_t a, std::size_t b) const {
    const live_coroutine& one = graph_.coroutines()[a];
    const live_coroutine& other = graph_.coroutines()[b];
    if (one.birth.charged_to != other.birth.charged_to || one.birth.creator_tid != other.birth.creator_tid) return false;
    if (site_of(one) != site_of(other)) return false;
    if (the_stack_keeper.load_relaxed() && kept_creation_stacks.find(one.id()) != kept_creation_stacks.find(other.id()))
      return false;
    for (std::size_t links = 0; links < longest_compared; ++links) {
      if (!are_alike_by_themselves(a, b)) return false;
      a = graph_.parent_of(a);
      b = graph_.parent_of(b);
      if (a == await_graph::none || b == await_graph::none) return a == b;
    }
    return false;
  }

  /// Returns a hash that is equal for coroutines that are_alike().
  std::size_t hash_of(std::size_t index) const noexcept {
    const live_coroutine& c = graph_.coroutines()[index];
    std::size_t hash = c.data.creation_first;
    const auto mix = [&hash](std::uintptr_t word) { mix_into(hash, word); };
    mix(c.data.creation_second);
    for (std::size_t links = 0; index != await_graph::none && links < longest_hashed; ++links, index = graph_.parent_of(index)) {
      mix(graph_.head_of(index).destroy);
      mix(bits_of(graph_.coroutines()[index].data.place));
    }
    return hash;
  }

  /// Whether the coroutine is a library's function, which runs for a coroutine of the user's.
  bool is_of_a_library(std::size_t index) {
    const std::uintptr_t code = graph_.head_of(index).destroy;
    if (const bool* const known = are_of_libraries_.find(code)) return *known;
    return are_of_libraries_.add(code, is_internal_of_a_library(function_of(index)));
  }

  /// Returns the coroutine's function, and the place where it is suspended.
  frame frame_of(std::size_t index) {
    const live_coroutine& c = graph_.coroutines()[index];
    frame f;
    f.function = function_of(index);
    if (c.data.state == coroutine_state::created) return f;
    const source_place& at = place_of(c.data.place, graph_.head_of(index).destroy);
    f.file = at.file;
    f.line = at.line;
    return f;
  }

 private:
  static constexpr std::size_t longest_compared = 64;
  static constexpr std::size_t longest_hashed = 4;

  /// Hashes the pointer that a std::source_location holds in all three implementations, or a plain pointer.
  template <class T>
  static std::uintptr_t bits_of(const T& pointer) noexcept {
    static_assert(sizeof pointer == sizeof(std::uintptr_t));
    std::uintptr_t bits = 0;
    std::memcpy(&bits, &pointer, sizeof bits);
    return bits;
  }

  bool are_alike_by_themselves(std::size_t a, std::size_t b) const noexcept {
    const coroutine_data& one = graph_.coroutines()[a].data;
    const coroutine_data& other = graph_.coroutines()[b].data;
    return one.state == other.state && one.awaited == other.awaited && bits_of(one.place) == bits_of(other.place) &&
           graph_.head_of(a).destroy == graph_.head_of(b).destroy && graph_.is_at_its_end(a) == graph_.is_at_its_end(b) &&
           (threads_.empty() || (!threads_.find(a) && !threads_.find(b)));
  }

  using creation_site = std::pair<std::uintptr_t, std::uintptr_t>;
  static creation_site site_of(const live_coroutine& c) noexcept { return {c.data.creation_site(), c.data.creation_caller()}; }

  static void set_state(coroutine_state is, const frame& self, straggler& s) {
    switch (is) {
      case coroutine_state::created: s.state = state::created; break;
      case coroutine_state::running: s.state = state::running; break;
      case coroutine_state::suspended: s.state = state::suspended; break;
      case coroutine_state::finished: s.state = state::finished_never_destroyed; break;
    }
    s.state_text = to_string(s.state);
    if (s.state == state::suspended && self.line != 0)
      s.state_text.append(" at ").append(self.file).append(1, ':').append(std::to_string(self.line));
  }

  void set_awaited(std::size_t index, straggler& s) {
    const live_coroutine& c = graph_.coroutines()[index];
    s.waits_on.kind = type_of(c.data.awaited);
    if (const std::size_t child = graph_.child_of(index); child != await_graph::none)
      s.waits_for.push_back(as_awaited(child));
    else
      s.waits_on.address = graph_.object_of(index);
    put_wait_into_words(s);
  }

  const source_place& place_of(std::source_location where, std::uintptr_t code) {
    const std::uintptr_t data = bits_of(where);
    if (const source_place* const known = places_.find(data)) return *known;
    return places_[data] = read_place(data, code);
  }

  awaited_task as_awaited(std::size_t index) {
    return {wait_relation::awaited, task_kind::coroutine, graph_.coroutines()[index].id(), function_of(index)};
  }

  const std::string& function_of(std::size_t index) {
    const std::uintptr_t destroy = graph_.head_of(index).destroy;
    std::string& known = functions_[destroy];
    if (!known.empty()) return known;
    const std::vector<frame> found = symbols().resolve(destroy, false);
    const bool is_in_no_module = found.empty() || found.back().function.starts_with("0x");
    if (is_in_no_module)
      known = "a function of a library that is unloaded";
    else if (found.back().function.find("+0x") == std::string::npos)
      known = found.back().function;
    else if (const char* const part = place_of(graph_.coroutines()[index].data.place, destroy).function)
      known = readable(coroutine_of_part(part));
    else
      known = found.back().function;
    return known;
  }

  const std::string& type_of(const await_kind* kind) {
    std::string& known = types_[key_of_address(kind)];
    if (!known.empty()) return known;
    await_kind copy{};
    char first = 0;
    const bool is_there = copy_value(reinterpret_cast<std::uintptr_t>(kind), copy) &&
                          copy_value(reinterpret_cast<std::uintptr_t>(copy.text), first);
    known = is_there ? type_of_text(copy.text) : "a type of a library that is unloaded";
    return known;
  }

  std::vector<frame> creation_stack_of(const live_coroutine& c, const std::string& function) {
    if (the_stack_keeper.load_relaxed())
      if (const std::vector<std::uintptr_t> kept = kept_creation_stacks.find(c.id()); !kept.empty())
        return frames_around_ramp(kept, function);
    const creation_site site = site_of(c);
    id_map<std::vector<frame>>& of_ramp = creations_[site.first];
    if (const std::vector<frame>* const known = of_ramp.find(site.second)) return *known;
    return of_ramp.add(site.second, frames_around_ramp({site.first, site.second}, function));
  }

  /// Returns the frames around the ramp function, which is on the stack itself unless it was inlined.
  static std::vector<frame> frames_around_ramp(const std::vector<std::uintptr_t>& addresses, const std::string& function) {
    std::vector<frame> stack = frames_of_captured(addresses.data(), addresses.size());
    const auto ramp = detail::find_if(stack.begin(), stack.end(), [&](const frame& f) { return f.function == function; });
    if (ramp != stack.end()) stack.erase(stack.begin(), ramp + 1);
    mark_plumbing(stack);
    return stack;
  }

  const await_graph& graph_;
  const std::uint32_t now_ms_ = coarse_ms();
  id_map<std::string> threads_;  ///< the thread that waits for the coroutine with this index
  id_map<std::string> functions_;
  id_map<bool> are_of_libraries_;  ///< by the function's address
  id_map<source_place> places_;
  id_map<id_map<std::vector<frame>>> creations_;  ///< by both addresses of a creation_site
  id_map<std::string> types_;
};

}  // namespace taskleak::inline v0::detail

#endif
