// SPDX-License-Identifier: MIT
/// \file Walks the stack of a parked thread from its stack pointer and program counter alone.
///
/// Of the other registers nothing is known, and nothing is needed as long as the functions on the stack find their frame from the
/// stack pointer. One that finds it from the frame pointer (compiled at -O0, or with a frame of variable size) needs %rbp; as a
/// rule an inner function has saved it. Where none has, it is recovered: the frame's return address lies where the prologue's
/// frame size says, or at a word that follows a call of this very function, and the right one leads to the stack's bottom.
#ifndef TASKLEAK_DETAIL_UNWIND_UNWINDER_HPP
#define TASKLEAK_DETAIL_UNWIND_UNWINDER_HPP

#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/platform/loaded_modules.hpp>
#include <taskleak/detail/unwind/arch/arch.hpp>
#include <taskleak/detail/unwind/frame_rules.hpp>
#include <taskleak/detail/unwind/raw_stack.hpp>
#include <taskleak/detail/unwind/step_to_caller.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

class unwinder {
 public:
  explicit unwinder(stack_copy& stack, std::size_t max_frames = deepest_stack) : stack_(stack), max_frames_(max_frames) {}

  /// Returns the longest stack found: complete if any way leads to the bottom.
  raw_stack unwind(registers frame) {
    raw_stack found, best;
    tries_left_ = 64;
    walk(frame, true, found, best);
    return found.complete ? found : best;
  }

 private:
  using outcome = step_outcome;

  void walk(registers frame, bool interrupted, raw_stack& path, raw_stack& best) {
    const std::size_t entered_with = path.addresses.size();
    while (path.addresses.size() < max_frames_) {
      path.add(frame[dwarf_register::return_address], interrupted);
      frame_rules rules;
      switch (step_to_caller(stack_, frame, interrupted, rules)) {
        case outcome::stepped: path.ends.back() = frame[dwarf_register::stack_pointer]; continue;
        case outcome::bottom: path.complete = true; return;
        case outcome::needs_frame_pointer:
          try_frame_pointers(frame, rules, path, best);
          if (path.complete) return;
          break;
        case outcome::needs_return_address:
          try_return_addresses(frame, rules, path, best);
          if (path.complete) return;
          break;
        case outcome::lost: break;
      }
      break;
    }
    if (path.addresses.size() > best.addresses.size()) best = path;
    path.addresses.resize(entered_with);
    path.interrupted.resize(entered_with);
    path.ends.resize(entered_with);
  }

  void try_frame_pointers(const registers& frame, const frame_rules& rules, raw_stack& path, raw_stack& best) {
    const std::uintptr_t sp = frame[dwarf_register::stack_pointer];
    if (const std::intptr_t size = fixed_frame_size(rules.function); size >= 0)
      if (try_frame_pointer(sp + static_cast<std::uintptr_t>(size), frame, path, best)) return;
    // first the words that follow a call of this function, then those after a call through a register
    for (const bool direct : {true, false})
      for (std::uintptr_t at = sp; at < sp + search_limit && tries_left_ > 0; at += sizeof(std::uintptr_t)) {
        std::uintptr_t word = 0;
        call_site site;
        if (!stack_.word(at, word)) break;
        if (!may_be_return_address(word, site)) continue;
        const bool calls_it = site.target != 0 && leads_to(site.target, rules.function);
        if (direct ? !calls_it : site.target != 0) continue;
        if (try_frame_pointer(at - sizeof(std::uintptr_t), frame, path, best)) return;
      }
  }

  /// Tries all calls of the innermost function, which has left no trace on the stack but the program counter. The right one leads
  /// to the stack's bottom; one that a direct call of its function speaks for comes before the others. Where several do, it is
  /// not known which one is right, unless they differ in the place inside one function of the innermost function's own library.
  void try_return_addresses(const registers& frame, const frame_rules& rules, raw_stack& path, raw_stack& best) {
    if (!path.interrupted.back() || path.addresses.size() > 1 || rules.cfa_register != dwarf_register::stack_pointer) return;
    raw_stack found;
    evidence of_found = evidence::against;
    bool is_only_one = true;
    for (const std::uintptr_t address : return_addresses_of(rules.function)) {
      registers caller = frame;
      caller.set(dwarf_register::return_column, address);
      bool interrupted = true;
      raw_stack way = path;
      if (step_by_rules(stack_, caller, interrupted, rules) != outcome::stepped) continue;
      way.ends.back() = caller[dwarf_register::stack_pointer];
      const evidence of_way = what_its_caller_says(caller);
      if (of_way == evidence::against || of_way < of_found) continue;
      walk(caller, false, way, best);
      if (!way.complete || !is_outermost(way.addresses.back())) continue;
      if (of_way == of_found) {
        is_only_one = is_only_one && is_same_but_for_place(rules.function, found, way);
        continue;
      }
      found = static_cast<raw_stack&&>(way);
      of_found = of_way;
      is_only_one = true;
    }
    if (found.complete && is_only_one) path = static_cast<raw_stack&&>(found);
  }

  /// Says what the call in the caller's caller tells of the caller: nothing where it goes through a register.
  enum class evidence : unsigned char { against, none, in_favour };

  /// Whether the function at a return address says of itself that it has no caller. A walk on a wrong way may also come to a
  /// zero.
  static bool is_outermost(std::uintptr_t address) {
    frame_rules rules;
    return find_frame_rules(address - 1, rules) &&
           rules.rules[dwarf_register::return_column].how == register_rule::kind::undefined;
  }

  static bool is_same_but_for_place(std::uintptr_t function, const raw_stack& a, const raw_stack& b) {
    if (a.addresses.size() != b.addresses.size() || a.ends != b.ends) return false;
    const std::uintptr_t first = a.addresses[1], second = b.addresses[1];
    return std::equal(a.addresses.begin() + 2, a.addresses.end(), b.addresses.begin() + 2) &&
           function_start(first - 1) == function_start(second - 1) && piece_at(function).contains(first);
  }

  evidence what_its_caller_says(registers caller) {
    frame_rules rules;
    bool interrupted = false;
    switch (step_to_caller(stack_, caller, interrupted, rules)) {
      case outcome::stepped: break;
      case outcome::bottom:
      case outcome::needs_frame_pointer: return evidence::none;
      default: return evidence::against;
    }
    call_site site;
    if (interrupted) return evidence::none;
    if (!may_be_return_address(caller[dwarf_register::return_address], site)) return evidence::against;
    if (site.target == 0) return evidence::none;
    return leads_to(site.target, rules.function) ? evidence::in_favour : evidence::against;
  }

  bool try_frame_pointer(std::uintptr_t candidate, registers frame, raw_stack& path, raw_stack& best) {
    std::uintptr_t word = 0;
    call_site site;
    if (tries_left_ == 0 || !stack_.word(candidate + sizeof word, word) || !may_be_return_address(word, site)) return false;
    --tries_left_;
    frame.set(dwarf_register::frame_pointer, candidate);
    bool interrupted = path.interrupted.back();
    frame_rules rules;
    if (step_to_caller(stack_, frame, interrupted, rules) != outcome::stepped) return false;
    path.ends.back() = frame[dwarf_register::stack_pointer];
    walk(frame, interrupted, path, best);
    return path.complete;
  }

  static constexpr std::uintptr_t search_limit = 256 * 1024;
  stack_copy& stack_;
  std::size_t max_frames_;
  unsigned tries_left_ = 0;
};

}  // namespace taskleak::inline v0::detail

#endif
