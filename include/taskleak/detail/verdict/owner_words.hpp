// SPDX-License-Identifier: MIT
/// \file Puts the owner of a thread into words, and the path from the owner to the thread's handle.
#ifndef TASKLEAK_DETAIL_VERDICT_OWNER_WORDS_HPP
#define TASKLEAK_DETAIL_VERDICT_OWNER_WORDS_HPP

#include <taskleak/detail/symbols/module.hpp>
#include <taskleak/detail/symbols/symbolizer.hpp>
#include <taskleak/detail/verdict/owner_facts.hpp>
#include <taskleak/detail/verdict/thread_owner.hpp>

#include <fmt/core.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace taskleak::inline v0::detail {

/// Drops `+0x18` at the end of an object's name.
inline std::string without_offset(std::string name) {
  const std::size_t at = name.rfind("+0x");
  if (at != std::string::npos && name.find_first_not_of("0123456789abcdef", at + 3) == std::string::npos) name.resize(at);
  return name;
}

/// Returns `static logger::instance()::one+0x18`, or where the word is if there is no symbol for it.
inline std::string static_in_words(std::uintptr_t word) {
  const std::string name = symbols().object_at(word);
  if (!name.empty()) return "static " + name;
  const std::string module = find_module(word).path;
  return module.empty() ? std::string("a static") : "a static of " + std::string(file_name_of(module));
}

/// Returns the step as `96-byte block +0x10`.
inline std::string step_in_words(const owner_step& step) {
  switch (step.in) {
    case owner_step::kind::statics: return static_in_words(step.word);
    case owner_step::kind::block: return fmt::format("{}-byte block +{:#x}", step.size, step.word - step.object);
    case owner_step::kind::mapping: return fmt::format("mapping {:#x} +{:#x}", step.object, step.word - step.object);
    case owner_step::kind::storage_of_main: return "a thread_local of the main thread";
    case owner_step::kind::thread: break;
  }
  return "the stack or a thread_local of another owned thread";
}

/// Tells who owns the thread, which somebody does. An owned thread that owns another one is named by its kernel id.
inline thread_owner owner_of(std::span<const thread_to_own> all, const thread_to_own& t) {
  thread_owner owner;
  const owner_step& last = t.path.last();
  for (std::size_t i = t.path.steps; i > 0; --i) owner.path.push_back(step_in_words(t.path.step[i - 1]));
  if (last.in == owner_step::kind::thread) {
    owner.in_words = fmt::format("thread {}", all[t.owning_thread].tid);
    owner.path.front() = fmt::format("the stack or a thread_local of thread {}", all[t.owning_thread].tid);
  } else {
    owner.in_words = without_offset(owner.path.front());
    if (last.in == owner_step::kind::statics) owner.name = without_offset(symbols().object_at(last.word));
  }
  return owner;
}

}  // namespace taskleak::inline v0::detail

#endif
