// SPDX-License-Identifier: MIT
/// \file Threads that the run-time libraries leave on purpose.
#ifndef TASKLEAK_DETAIL_INSPECT_HELPER_THREADS_HPP
#define TASKLEAK_DETAIL_INSPECT_HELPER_THREADS_HPP

#include <taskleak/detail/symbols/module.hpp>
#include <taskleak/report.hpp>

#include <string_view>

namespace taskleak::inline v0::detail {

/// Why a thread that nobody announced is there by design of libc or a sanitizer; null when it is not.
///
/// glibc's helpers (timer_create with SIGEV_THREAD, aio_read, getaddrinfo_a) run nothing but libc while they are idle:
/// glibc 2.36, rt/timer_routines.c, rt/aio_misc.c, resolv/gai_misc.c. A sanitizer's own thread runs its runtime: tsan_rtl.cpp,
/// BackgroundThread.
inline const char* built_in_reason(const straggler& s) {
  if (s.created_by != "unknown") return nullptr;
  if (s.state == state::unknown) return "thread that nobody announced and that cannot be looked into";
  if (s.stack.empty()) return nullptr;
  bool only_libc = true;
  for (const frame& f : s.stack) {
    const std::string_view function = f.function;
    const std::string_view module = file_name_of(f.module);
    if (function.starts_with("__tsan::") || function.starts_with("__sanitizer::") || function.starts_with("__asan::") ||
        function.starts_with("__lsan::") || module.starts_with("libtsan") || module.starts_with("libasan") ||
        module.starts_with("liblsan"))
      return "sanitizer's background thread";
    only_libc =
        only_libc && (module.starts_with("libc.so") || module.starts_with("libpthread") || module.starts_with("libnss_") ||
                      module.starts_with("libresolv") || module.starts_with("librt.") || module.starts_with("ld-linux"));
    // in a static program the module tells nothing
    if (function == "timer_helper_thread" || function == "handle_fildes_io" || function == "handle_requests")
      return "glibc's helper thread";
  }
  return only_libc ? "glibc's helper thread" : nullptr;
}

}  // namespace taskleak::inline v0::detail

#endif
