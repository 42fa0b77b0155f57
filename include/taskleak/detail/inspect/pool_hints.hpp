// SPDX-License-Identifier: MIT
/// \file Threads that are left on purpose: those of well-known pools, which a report explains, and those of the run-time
/// libraries.
#ifndef TASKLEAK_DETAIL_INSPECT_POOL_HINTS_HPP
#define TASKLEAK_DETAIL_INSPECT_POOL_HINTS_HPP

#include <taskleak/detail/symbols/module.hpp>
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/report.hpp>

#include <algorithm>
#include <string>
#include <string_view>

namespace taskleak::inline v0::detail {

struct known_pool {
  std::string_view module;    ///< the library's file name begins with this
  std::string_view function;  ///< or the name of the function does
  std::string_view created;  ///< a function on the creation stack begins with this: not every thread of the library is its pool's
  std::string_view hint;     ///< what ends the threads
};

/// Pools that live as long as the process, by their design. They are reported all the same: a pool may be used by mistake.
inline constexpr known_pool known_pools[] = {
    {"libtbb", "tbb::", "", "oneTBB keeps its workers; end them with oneapi::tbb::finalize()"},
    {"libglib-2.0", "g_", "g_thread_pool_",
     "GLib keeps idle pool threads; free the pool and call g_thread_pool_set_max_unused_threads(0)"},
    {"libgomp", "gomp_", "", "OpenMP keeps its team"},
    {"libomp", "__kmp", "", "OpenMP keeps its team"},
    {"libgrpc", "grpc_", "", "gRPC keeps its pollers until grpc_shutdown_blocking()"},
};

/// What to do about a thread that idles in a well-known pool; empty when it is in anything else, a task of the user's included.
inline std::string pool_hint(const straggler& s) {
  for (const known_pool& pool : known_pools) {
    bool any = false, only_pool = true;
    std::string_view name;
    for (const frame& f : s.stack) {
      if (f.plumbing) continue;
      const bool by_name = std::string_view(f.function).starts_with(pool.function);
      only_pool = only_pool && (by_name || file_name_of(f.module).starts_with(pool.module));
      any = true;
      if (by_name) name = pool.function;
    }
    const auto creates = [&](const frame& f) { return std::string_view(f.function).starts_with(pool.created); };
    if (!any || !only_pool || !std::any_of(s.creation_stack.begin(), s.creation_stack.end(), creates)) continue;
    // in a stripped library functions have the name of the library, as in libtbb.so.12+0x224ca
    const std::string rule = !pool.created.empty() ? "created_by:" + std::string(pool.created)
                                                   : "any_function:" + std::string(name.empty() ? pool.module : name);
    return std::string(pool.hint) + ", or ignore them: " + rule + '*';
  }
  return {};
}

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
