// SPDX-License-Identifier: MIT
/// \file Recognises idle workers of well-known pools by their stack; such workers live as long as the process by design.
#ifndef TASKLEAK_DETAIL_INSPECT_KNOWN_POOLS_HPP
#define TASKLEAK_DETAIL_INSPECT_KNOWN_POOLS_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/platform/modules.hpp>
#include <taskleak/detail/symbols/module.hpp>
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/report.hpp>
#include <taskleak/task.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace taskleak::inline v0::detail {

struct known_pool {
  std::string_view name;       ///< in the summary of what was ignored
  std::string_view modules;    ///< how the file names of the pool's libraries begin; a blank before and behind each
  std::string_view functions;  ///< how the pool's functions begin, where it is linked into the program
  std::string_view waits;      ///< the functions of libc that idle workers call; `-` for a system call of the library's own
  std::string_view created;    ///< how a function on the creation stack begins: not every thread of the library is its pool's
  std::string_view hint;       ///< what ends the threads
};

/// Lists what was seen of idle workers: oneTBB 2021.8, GLib 2.74, libgomp 12, libomp 19, gRPC 1.51. A job of the user's is in
/// another module, or in a template of the library that is compiled into the user's module; as a rule the job waits by functions
/// of other names.
inline constexpr known_pool known_pools[] = {
    {"oneTBB pool", " libtbb.so libtbb_debug.so ", " tbb::detail::r1:: ", " syscall pthread_cond_wait sem_wait - ", "",
     "oneTBB keeps its workers; end them with oneapi::tbb::finalize()"},
    {"GLib pool", " libglib-2.0.so ", " g_cond_ g_async_queue_ g_thread_pool_ g_thread_proxy ",
     " syscall pthread_cond_wait pthread_cond_timedwait - ", "g_thread_pool_",
     "GLib keeps idle pool threads; free the pool and call g_thread_pool_set_max_unused_threads(0)"},
    {"OpenMP pool", " libgomp.so ", " gomp_ ", " syscall sem_wait - ", "", "OpenMP keeps its team"},
    {"OpenMP pool", " libomp.so libomp5.so libiomp5.so ", " __kmp ", " pthread_cond_wait pthread_cond_timedwait - ", "",
     "OpenMP keeps its team"},
    {"gRPC pool", " libgrpc.so libgrpc_unsecure.so libgpr.so libabsl_ ",
     " grpc_core:: grpc_event_engine:: gpr_ absl:: AbslInternal ",
     " syscall pthread_cond_wait pthread_cond_timedwait pthread_cond_clockwait epoll_wait poll - ",
     "grpc_core::Thread::", "gRPC keeps its pollers until grpc_shutdown_blocking()"},
};

/// Whether a task was ignored because it idles in a well-known pool; the checks of a test, its suite and the program each do so.
constexpr bool is_name_of_pool(std::string_view reason) noexcept {
  for (const known_pool& pool : known_pools)
    if (pool.name == reason) return true;
  return false;
}

/// Whether the text begins with a word of a list with a blank before and behind each.
constexpr bool starts_with_listed(std::string_view words, std::string_view text) noexcept {
  while (words.size() > 1) {
    words.remove_prefix(1);
    const std::size_t end = words.find(' ');
    if (text.starts_with(words.substr(0, end))) return true;
    words.remove_prefix(end);
  }
  return false;
}

/// Returns the name that a program calls: `__pthread_cond_wait@@GLIBC_2.3.2` and a sanitizer's `___interceptor_pthread_cond_wait`
/// are both pthread_cond_wait.
constexpr std::string_view called_name(std::string_view function) noexcept {
  constexpr std::string_view interceptor = "interceptor_";
  if (const std::size_t at = function.find(interceptor); at != std::string_view::npos)
    function.remove_prefix(at + interceptor.size());
  while (function.starts_with('_')) function.remove_prefix(1);
  return function.substr(0, function.find('@'));
}

/// Finds the innermost functions of a stack that are a pool's own, and the function of libc that they called.
class worker_stack {
 public:
  worker_stack(const known_pool& pool, std::span<const frame> stack) : pool_(pool), stack_(stack) {
    // a function of the user's may have a name like the library's
    const auto is_in_library = [&](const frame& f) { return starts_with_listed(pool.modules, file_name_of(f.module)); };
    by_name_ = detail::none_of(stack.begin(), stack.end(), is_in_library);
    while (begin_ < stack.size() && !is_pools(stack[begin_]) && is_languages(stack[begin_])) ++begin_;
    end_ = begin_;
    while (end_ < stack.size() && is_pools(stack[end_])) ++end_;
  }

  /// Whether nothing but the pool, and the language's start of a thread, is on the stack.
  bool is_only_the_pool() const {
    if (begin_ == end_) return false;
    std::size_t nameless = 0;
    for (std::size_t i = end_; i < stack_.size(); ++i) {
      if (is_languages(stack_[i])) continue;
      // taskleak's own start of a thread, in a program that tells no names
      if (i != end_ || stack_[i].function.find("+0x") == std::string::npos || ++nameless > 1) return false;
    }
    return true;
  }

  bool waits_as_idle_workers_do() const {
    const std::string_view called = begin_ == 0 ? std::string_view("-") : called_name(stack_[begin_ - 1].function);
    return is_listed(pool_.waits, called);
  }

 private:
  bool is_pools(const frame& f) const {
    return by_name_ ? starts_with_listed(pool_.functions, f.function) : starts_with_listed(pool_.modules, file_name_of(f.module));
  }
  static bool is_languages(const frame& f) {
    const frame_origin origin = origin_of(f);
    return origin == frame_origin::language || origin == frame_origin::thread_start || origin == frame_origin::taskleak;
  }

  const known_pool& pool_;
  std::span<const frame> stack_;
  bool by_name_ = false;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

/// Whether the pool created the thread: by one of its functions, or by a thread that runs nothing else, such as GLib's
/// "pool-spawner". Returns true when the creator is not known.
inline bool is_created_by(const known_pool& pool, const straggler& s) {
  if (pool.created.empty() || s.creation_stack.empty()) return true;
  const auto is_in_library = [&](const frame& f) { return starts_with_listed(pool.modules, file_name_of(f.module)); };
  const auto is_creating = [&](const frame& f) { return std::string_view(f.function).starts_with(pool.created); };
  if (detail::any_of(s.creation_stack.begin(), s.creation_stack.end(), is_creating)) return true;
  const auto first = detail::find_if(s.creation_stack.begin(), s.creation_stack.end(), is_in_library);
  return worker_stack(pool, {first, s.creation_stack.end()}).is_only_the_pool();
}

/// Returns the well-known pool in which the thread idles; null when the thread does anything else, a job of the user's included.
///
/// A running thread idles, too, if nothing but the pool is on its stack: workers spin for a while before they sleep.
inline const known_pool* idle_pool(const straggler& s) {
  if (s.kind != task_kind::thread || s.stack.empty() || !s.stack_note.empty()) return nullptr;
  for (const known_pool& pool : known_pools) {
    const worker_stack stack(pool, s.stack);
    if (!stack.is_only_the_pool() || !is_created_by(pool, s)) continue;
    if (s.state == state::running || stack.waits_as_idle_workers_do()) return &pool;
  }
  return nullptr;
}

/// Returns the line of a suppression file that leaves out idle workers of the straggler's pool, but not workers that are stuck in
/// a job; empty if the straggler idles in no pool.
inline std::string rule_of_pool(const straggler& s) {
  const known_pool* const pool = idle_pool(s);
  if (!pool) return {};
  // as the report shows it: what is internal to a library only where there is nothing else
  auto own = s.stack.end();
  for (const frame_origin shown : {frame_origin::user, frame_origin::internal})
    if (own == s.stack.end())
      own = detail::find_if(s.stack.begin(), s.stack.end(), [&](const frame& f) { return origin_of(f) == shown; });
  if (own == s.stack.end()) return {};
  // in a stripped library functions have the name of the library, as in libtbb.so.12+0x224ca
  std::string_view top = own->function;
  if (const std::size_t so = top.find(".so"); top.find("+0x") != std::string_view::npos && so != std::string_view::npos)
    top = top.substr(0, so);
  else if (const std::size_t scope = top.find("::"); scope != std::string_view::npos)
    top = top.substr(0, scope + 2);
  else if (const std::size_t prefix = top.find('_', top.find_first_not_of('_')); prefix != std::string_view::npos)
    top = top.substr(0, prefix + 1);
  std::string rule;
  if (!pool->created.empty()) rule = "created_by:" + std::string(pool->created) + "* && ";
  return rule + "top_function:" + std::string(top) + '*';
}

/// Returns the call of an option that has the same effect as the line of a suppression file; empty for a line with several
/// conditions, which no option has.
inline std::string rule_in_code(const std::string& line) {
  constexpr std::string_view kind = "top_function:";
  if (!line.starts_with(kind) || line.find(" && ") != std::string::npos) return {};
  return "taskleak::ignore_top_function(\"" + line.substr(kind.size()) + "\")";
}

/// Returns what to do about a thread that idles in a well-known pool; empty for any other thread.
inline std::string pool_hint(const straggler& s) {
  const known_pool* const pool = idle_pool(s);
  if (!pool) return {};
  std::string hint(pool->hint);
  if (const std::string rule = rule_of_pool(s); !rule.empty()) {
    hint.append(", or ignore them: ").append(rule);
    if (const std::string code = rule_in_code(rule); !code.empty()) hint.append(" (in code: ").append(code).append(1, ')');
  }
  return hint;
}

/// Knows where the libraries of well-known pools are loaded, so that it can tell without any symbol whether a thread may be a
/// worker.
class pool_modules {
 public:
  pool_modules() {
    for_each_piece_of_code([this](std::string_view path, std::uintptr_t begin, std::uintptr_t size) {
      const std::string_view name = file_name_of(path);
      for (const known_pool& pool : known_pools)
        if (starts_with_listed(pool.modules, name)) {
          if (count_ < most) ranges_[count_++] = {begin, size};
          break;
        }
    });
  }

  bool empty() const noexcept { return count_ == 0; }

  bool contains(const void* code) const noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(code);
    return detail::any_of(ranges_, ranges_ + count_, [&](const range& r) { return address - r.begin < r.size; });
  }

 private:
  struct range {
    std::uintptr_t begin = 0;
    std::uintptr_t size = 0;
  };

  static constexpr std::size_t most = 64;

  range ranges_[most];
  std::size_t count_ = 0;
};

}  // namespace taskleak::inline v0::detail

#endif
