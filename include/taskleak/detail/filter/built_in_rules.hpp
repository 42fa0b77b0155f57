// SPDX-License-Identifier: MIT
/// \file Defines taskleak's own rules: they leave out unannounced threads that the run-time libraries leave on purpose.
#ifndef TASKLEAK_DETAIL_FILTER_BUILT_IN_RULES_HPP
#define TASKLEAK_DETAIL_FILTER_BUILT_IN_RULES_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/never_destroyed.hpp>
#include <taskleak/detail/filter/rule.hpp>
#include <taskleak/detail/filter/rule_table.hpp>
#include <taskleak/detail/symbols/module.hpp>
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/report.hpp>

#include <string_view>

namespace taskleak::inline v0::detail {

/// Whether the thread runs a sanitizer's runtime: tsan_rtl.cpp, BackgroundThread.
inline bool runs_sanitizer(const straggler& s) {
  static constexpr std::string_view functions[] = {"__tsan::", "__sanitizer::", "__asan::", "__lsan::"};
  static constexpr std::string_view modules[] = {"libtsan", "libasan", "liblsan"};
  return detail::any_of(s.stack.begin(), s.stack.end(), [](const frame& f) {
    return starts_with_any(f.function, functions) || starts_with_any(file_name_of(f.module), modules);
  });
}

/// Whether the thread runs nothing but libc, as idle helpers of glibc do (timer_create with SIGEV_THREAD, aio_read,
/// getaddrinfo_a): glibc 2.36, rt/timer_routines.c, rt/aio_misc.c, resolv/gai_misc.c. A stack that is known only in part does not
/// tell.
inline bool runs_only_libc(const straggler& s) {
  const auto is_helper = [](const frame& f) {
    return f.function == "timer_helper_thread" || f.function == "handle_fildes_io" || f.function == "handle_requests";
  };
  static constexpr std::string_view modules[] = {"libc.so", "libpthread", "libnss_", "libresolv", "librt.", "ld-linux"};
  const auto is_libc = [](const frame& f) { return starts_with_any(file_name_of(f.module), modules); };
  // in a static program the module tells nothing
  return detail::any_of(s.stack.begin(), s.stack.end(), is_helper) ||
         (!s.stack.empty() && s.stack_note.empty() && detail::all_of(s.stack.begin(), s.stack.end(), is_libc));
}

inline bool is_unreadable(const straggler& s) { return s.state == state::unknown; }

inline rule built_in_rule(const char* reason, bool (*applies)(const straggler&)) {
  rule made;
  made.origin = rule_origin::built_in;
  made.reason = reason;
  made.conditions.push_back({rule_kind::unannounced, {}, 0, {}, nullptr});
  made.conditions.push_back({rule_kind::built_in, {}, 0, {}, applies});
  return made;
}

/// Returns the built-in rules, which are in force in every check.
inline const rule_table& built_in_rules() {
  struct filled_table : rule_table {
    filled_table() {
      add(built_in_rule("thread that nobody announced and that cannot be looked into", &is_unreadable));
      add(built_in_rule("sanitizer's background thread", &runs_sanitizer));
      add(built_in_rule("glibc's helper thread", &runs_only_libc));
    }
  };
  return never_destroyed<filled_table>();
}

}  // namespace taskleak::inline v0::detail

#endif
