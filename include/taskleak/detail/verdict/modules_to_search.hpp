// SPDX-License-Identifier: MIT
/// \file Says of which libraries the static memory is looked through.
#ifndef TASKLEAK_DETAIL_VERDICT_MODULES_TO_SEARCH_HPP
#define TASKLEAK_DETAIL_VERDICT_MODULES_TO_SEARCH_HPP

#include <taskleak/detail/inspect/known_pools.hpp>
#include <taskleak/detail/platform/process_memory.hpp>
#include <taskleak/detail/symbols/module.hpp>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace taskleak::inline v0::detail {

/// Whether the library is a sanitizer's: its tables take 50 MB, and lead to all blocks.
inline bool is_of_sanitizer(std::string_view path) noexcept {
  return starts_with_listed(" libasan. libhwasan. liblsan. libtsan. libubsan. libclang_rt. ", file_name_of(path));
}

/// Says whether static objects of this library own threads. Those of an allocator lead to all blocks, and those of a well-known
/// pool to its workers, which are judged by what they do. GLib is both. What jemalloc keeps for each thread leads to all blocks,
/// too, also where it is linked into the executable.
inline module_memory what_may_own(std::string_view path) noexcept {
  constexpr std::string_view allocators = " libtbbmalloc libjemalloc libtcmalloc libmimalloc ";
  if (path.empty() && foreign_allocator::known().has_storage_in_executable()) return module_memory::not_storage;
  if (is_of_sanitizer(path)) return module_memory::not_statics;
  const std::string_view name = file_name_of(path);
  const auto is_pools = [name](const known_pool& pool) { return starts_with_listed(pool.modules, name); };
  return starts_with_listed(allocators, name) || std::any_of(std::begin(known_pools), std::end(known_pools), is_pools)
             ? module_memory::none
             : module_memory::all;
}

/// Says what of a library's memory makes other memory reachable. No object that a task waits for lies in the system's own
/// libraries, whose static memory is a root all the same.
inline module_memory what_may_reach(std::string_view path) noexcept {
  constexpr std::string_view system = " libc.so. libstdc++.so. libc++. libm.so. libgcc_s. libpthread ld-linux ";
  if (is_of_sanitizer(path)) return module_memory::none;
  return starts_with_listed(system, file_name_of(path)) ? module_memory::not_statics : module_memory::all;
}

}  // namespace taskleak::inline v0::detail

#endif
