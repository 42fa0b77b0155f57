// SPDX-License-Identifier: MIT
/// \file Which parts of the calling thread's stack are the program's, in the check at the end of a test.
///
/// The frames of taskleak and GoogleTest that such a check is called by have words in them that earlier calls have left, and
/// would make what these point to look as if it were in use. What they do hold of the program's are the registers that their
/// callers keep.
#ifndef TASKLEAK_DETAIL_VERDICT_PROGRAM_STACK_HPP
#define TASKLEAK_DETAIL_VERDICT_PROGRAM_STACK_HPP

#include <taskleak/detail/platform/process_memory.hpp>
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/detail/symbols/symbolizer.hpp>
#include <taskleak/detail/unwind/stack_walker.hpp>
#include <taskleak/report.hpp>

#if defined(TASKLEAK_HAS_OWN_WALKER)
#include <taskleak/detail/unwind/frame_rules.hpp>
#endif

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace taskleak::inline v0::detail {

#if defined(TASKLEAK_HAS_OWN_WALKER)

/// Whether a function holds nothing of the program's that is not to be found elsewhere too: GoogleTest has all in one static
/// object. Catch2 has a user's listeners on its stack.
inline bool is_of_check(std::uintptr_t code, bool returns) {
  std::vector<frame> functions;
  symbols().append(code, returns, functions);
  return !functions.empty() && std::all_of(functions.begin(), functions.end(), [](const frame& f) {
    const frame_origin origin = origin_of(f);
    return origin == frame_origin::taskleak ||
           (origin == frame_origin::test_runner &&
            (f.function == "RUN_ALL_TESTS()" || f.function.find("testing::") != std::string_view::npos));
  });
}

/// Returns the parts of the calling thread's stack, from `from` on, that are the program's; the last one has no end. Returns one
/// part where that is all that is known.
inline std::vector<address_range> program_stack(std::uintptr_t from) {
  const raw_stack stack = walk_own_stack();
  std::vector<address_range> parts;
  std::size_t i = 0;
  while (i < stack.addresses.size() && stack.ends[i] != 0 && stack.ends[i] <= from) ++i;
  for (; i < stack.addresses.size() && stack.ends[i] != 0; ++i) {
    const bool returns = i > 0 && !stack.interrupted[i];
    frame_rules rules;
    if (!is_of_check(stack.addresses[i], returns) || !find_frame_rules(stack.addresses[i] - (returns ? 1 : 0), rules)) break;
    bool is_known = true;
    for (const register_rule& rule : rules.rules) {
      is_known = is_known && rule.how != register_rule::kind::at_expression && rule.how != register_rule::kind::is_expression;
      if (rule.how != register_rule::kind::at_cfa_offset) continue;
      const std::uintptr_t at = stack.ends[i] + static_cast<std::uintptr_t>(rule.operand);
      parts.push_back({at, at + sizeof at});
    }
    if (!is_known) break;
    from = stack.ends[i];
  }
  parts.push_back({from, UINTPTR_MAX});
  return parts;
}

#else

inline std::vector<address_range> program_stack(std::uintptr_t from) { return {{from, UINTPTR_MAX}}; }

#endif

}  // namespace taskleak::inline v0::detail

#endif
