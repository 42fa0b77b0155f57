// SPDX-License-Identifier: MIT
/// \file Collects the rules that the program's own files and its libraries bring along, also libraries that are loaded later.
#ifndef TASKLEAK_DETAIL_FILTER_LIBRARY_RULES_HPP
#define TASKLEAK_DETAIL_FILTER_LIBRARY_RULES_HPP

#include <taskleak/default_rules.hpp>
#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/guarded_call.hpp>
#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/base/path.hpp>
#include <taskleak/detail/filter/rules.hpp>
#include <taskleak/detail/filter/suppression_file.hpp>
#include <taskleak/detail/platform/exported_function.hpp>
#include <taskleak/detail/symbols/module.hpp>

#include <fmt/core.h>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#if defined(__ELF__)  // elsewhere there is no reference that may be left open
/// Names the program's taskleak_default_suppressions(); null if there is none. why the other name: a definition in the same file
/// may say noexcept, or be of C.
extern "C" const char* taskleak_default_suppressions_if_any() __asm__("taskleak_default_suppressions") __attribute__((weak));
#endif

namespace taskleak::inline v0::detail {

using default_suppressions = const char* (*)();

/// Finds the functions taskleak_default_suppressions() in the program and in every loaded library, each once.
inline light_vector<default_suppressions> find_default_suppressions() {
  constexpr std::size_t most = 256;
  std::uintptr_t exported[most];
  std::size_t count = 0;
  for_each_exported_function("taskleak_default_suppressions", [&](std::uintptr_t address) {
    if (count < most) exported[count++] = address;
  });
  light_vector<default_suppressions> found;
#if defined(__ELF__)
  const default_suppressions of_program = &taskleak_default_suppressions_if_any;
#else
  const default_suppressions of_program = nullptr;
#endif
  if (of_program) found.push_back(of_program);
  for (std::size_t i = 0; i < count; ++i)
    if (const auto one = reinterpret_cast<default_suppressions>(exported[i]); one != of_program) found.push_back(one);
  return found;
}

/// Holds the rules of libraries, for the checks of one run. Several threads may use the object.
///
/// No lock is held while a library's function runs or while rules are read.
class library_rules {
 public:
  /// Takes over the rules that libraries have brought along since the last call. Returns the errors in these rules, one line
  /// each.
  std::vector<std::string> refresh() {
    const registered_rules* const first = __atomic_load_n(&all_registered_rules, __ATOMIC_ACQUIRE);
    const unsigned long long loads = count_loads().loads;
    const registered_rules* last = nullptr;
    bool are_libraries_new = false;
    {
      const std::lock_guard lock(mutex_);
      last = last_;
      are_libraries_new = loads != loads_;
      if (first == last && !are_libraries_new) return {};
      last_ = first;
      loads_ = loads;
    }
    rule_set found;
    for (const registered_rules* one = first; one != last; one = one->next)
      found.add(parse_suppressions(one->lines, fmt::format("default_rules at {}:{}, line ", shorten_path(one->file), one->line),
                                   rule_origin::library));
    if (are_libraries_new)
      for (const default_suppressions function : find_default_suppressions())
        if (is_new(function)) add_lines_of(function, found);
    const std::lock_guard lock(mutex_);
    all_.append(found);
    return found.errors();
  }

  /// Adds the rules to those of a check.
  void append_to(rule_set& rules) {
    const std::lock_guard lock(mutex_);
    rules.append(all_);
  }

 private:
  bool is_new(default_suppressions function) {
    const std::lock_guard lock(mutex_);
    if (detail::find(called_.begin(), called_.end(), function) != called_.end()) return false;
    called_.push_back(function);
    return true;
  }

  static void add_lines_of(default_suppressions function, rule_set& to) {
    const std::string module(file_name_of(find_module(reinterpret_cast<std::uintptr_t>(function)).path));
    const char* lines = nullptr;
    const std::string thrown = what_it_throws([&] { lines = function(); });
    const std::string place = fmt::format("taskleak_default_suppressions() of {}", module);
    if (!thrown.empty())
      to.add(suppression_file{{}, {fmt::format("{} threw: {}", place, thrown)}});
    else if (lines)
      to.add(parse_suppressions(lines, place + ", line ", rule_origin::library));
  }

  std::mutex mutex_;
  rule_set all_;
  light_vector<default_suppressions> called_;
  const registered_rules* last_ = nullptr;  ///< the head of the list when it was last read
  unsigned long long loads_ = 0;
};

}  // namespace taskleak::inline v0::detail

#endif
