// SPDX-License-Identifier: MIT
/// \file Threads that are left on purpose: those of well-known pools, which a report explains, and those of the run-time libraries.
#ifndef TASKLEAK_DETAIL_INSPECT_POOL_HINTS_HPP
#define TASKLEAK_DETAIL_INSPECT_POOL_HINTS_HPP

#include <taskleak/detail/symbols/module.hpp>
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/report.hpp>

#include <string>
#include <string_view>

namespace taskleak::inline v0::detail {

struct known_pool {
  std::string_view module;    ///< the library's file name begins with this
  std::string_view function;  ///< or a function on the stack does
  const char* hint;
};

/// Pools that live as long as the process, by their design. They are reported all the same: a pool may be used by mistake.
inline constexpr known_pool known_pools[] = {
    {"libtbb", "tbb::", "oneTBB keeps its workers; end them with oneapi::tbb::finalize(), or ignore them: any_function:tbb::*"},
    {"libglib-2.0", "g_thread_pool_",
     "GLib keeps idle pool threads; call g_thread_pool_stop_unused_threads(), or ignore them: created_by:g_thread_*"},
    {"libgomp", "gomp_", "OpenMP keeps its team; ignore it: any_function:gomp_*"},
    {"libomp", "__kmp", "OpenMP keeps its team; ignore it: any_function:__kmp*"},
    {"libgrpc", "grpc_", "gRPC keeps its pollers until grpc_shutdown_blocking(); ignore them: any_function:grpc*"},
};

inline std::string pool_hint(const straggler& s) {
  for (const auto* stack : {&s.stack, &s.creation_stack})
    for (const frame& f : *stack)
      for (const known_pool& pool : known_pools)
        if (file_name_of(f.module).starts_with(pool.module) || std::string_view(f.function).starts_with(pool.function)) return pool.hint;
  return {};
}

/// Why a thread that nobody announced is there by design of libc or a sanitizer; null when it is not.
///
/// glibc's helpers (timer_create with SIGEV_THREAD, aio_read, getaddrinfo_a) run nothing but libc while they are idle: glibc 2.36,
/// rt/timer_routines.c, rt/aio_misc.c, resolv/gai_misc.c. A sanitizer's own thread runs its runtime: tsan_rtl.cpp, BackgroundThread.
inline const char* built_in_reason(const straggler& s) {
  if (s.created_by != "unknown" || s.stack.empty()) return nullptr;
  bool only_libc = true;
  for (const frame& f : s.stack) {
    const std::string_view function = f.function;
    const std::string_view module = file_name_of(f.module);
    if (function.starts_with("__tsan::") || function.starts_with("__sanitizer::") || function.starts_with("__asan::") ||
        function.starts_with("__lsan::") || module.starts_with("libtsan") || module.starts_with("libasan") ||
        module.starts_with("liblsan"))
      return "sanitizer's background thread";
    only_libc = only_libc && (module.starts_with("libc.so") || module.starts_with("libpthread") || module.starts_with("libnss_") ||
                              module.starts_with("libresolv") || module.starts_with("librt.") || module.starts_with("ld-linux"));
    // in a static program the module tells nothing
    if (function == "timer_helper_thread" || function == "handle_fildes_io" || function == "handle_requests") return "glibc's helper thread";
  }
  return only_libc ? "glibc's helper thread" : nullptr;
}

}  // namespace taskleak::inline v0::detail

#endif
