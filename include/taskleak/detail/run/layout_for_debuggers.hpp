// SPDX-License-Identifier: MIT
/// \file Tells those who look at the program from outside, with no code of it running, where its tasks are on record, and how a
/// record is laid out: taskleak.py, in a debugger or by itself. taskleak/runtime.hpp includes this file, and no other header
/// does.
#ifndef TASKLEAK_DETAIL_RUN_LAYOUT_FOR_DEBUGGERS_HPP
#define TASKLEAK_DETAIL_RUN_LAYOUT_FOR_DEBUGGERS_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/probe/coroutine/node.hpp>
#include <taskleak/detail/probe/coroutine/table.hpp>
#include <taskleak/detail/probe/thread/main_thread.hpp>
#include <taskleak/detail/probe/thread/thread_record.hpp>
#include <taskleak/detail/registry/current.hpp>
#include <taskleak/detail/registry/registry.hpp>
#include <taskleak/detail/registry/scope.hpp>

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// Is a list of numbers, so that a reader of another version finds what it knows: new ones are added at the end, and the version
/// grows where one changes its meaning. A list of tasks begins with the first member of its object, at the object's address.
struct layout_for_debuggers {
  static constexpr std::uint32_t current_version = 1;

  char magic[8] = {'t', 'a', 's', 'k', 'l', 'e', 'a', 'k'};
  std::uint32_t version = current_version;
  std::uint32_t size = sizeof(layout_for_debuggers);
  const void* registry = &the_registry;
  const void* coroutines = &all_coroutines;
  const void* note_of_main = &note_of_main_thread;
  const void* own_scope = &scope_of_taskleak;

// the types have bases, or members of several kinds of access: offsetof() is only conditionally supported for these, and GCC and
// Clang both support it where no base is virtual
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
  std::uint32_t shard_count = registry::shard_count;
  std::uint32_t shard_size = sizeof(shard);
  std::uint32_t shard_newest = offsetof(shard, newest);
  std::uint32_t thread_older = offsetof(thread_record, older);
  std::uint32_t thread_scope = offsetof(thread_record, charged_to);
  std::uint32_t thread_tid = offsetof(thread_record, tid);
  std::uint32_t thread_events = offsetof(thread_record, events);
  std::uint32_t thread_name = offsetof(thread_record, name_words);
  std::uint32_t thread_created_at = offsetof(thread_record, created_at_ns);
  std::uint32_t thread_region = offsetof(thread_record, note) + offsetof(wait_note, innermost);
  std::uint32_t thread_creator = offsetof(thread_record, creator_tid);
  std::uint32_t thread_created_by_main = offsetof(thread_record, created_by_main);
  std::uint32_t thread_creation_depth = offsetof(thread_record, creation_depth);
  std::uint32_t thread_creation_stack = offsetof(thread_record, creation_stack);
  std::uint32_t note_region = offsetof(wait_note, innermost);
  std::uint32_t region_label = offsetof(waiting_region, label);
  std::uint32_t region_object = offsetof(waiting_region, object);
  std::uint32_t scope_parent = offsetof(scope, parent);
  std::uint32_t scope_name = offsetof(scope, name);
  std::uint32_t table_next = offsetof(coroutine_table, next);
  std::uint32_t table_newest = offsetof(coroutine_table, newest);
  std::uint32_t block_older = offsetof(coroutine_block, older);
  std::uint32_t block_slots = offsetof(coroutine_block, slots);
  std::uint32_t block_capacity = coroutine_block::capacity;
  std::uint32_t block_scope = offsetof(coroutine_block, birth) + offsetof(coroutine_birth, charged_to);
  std::uint32_t block_creator = offsetof(coroutine_block, birth) + offsetof(coroutine_birth, creator_tid);
  std::uint32_t block_created_by_main = offsetof(coroutine_block, birth) + offsetof(coroutine_birth, created_by_main);
  std::uint32_t data_place = offsetof(coroutine_data, place);
  std::uint32_t data_awaited = offsetof(coroutine_data, awaited);
  std::uint32_t data_awaiter = offsetof(coroutine_data, awaiter);
  std::uint32_t data_creation = offsetof(coroutine_data, creation_first);
  std::uint32_t data_since = offsetof(coroutine_data, since_ms);
  std::uint32_t data_id_low = offsetof(coroutine_data, id_low);
  std::uint32_t data_id_high = offsetof(coroutine_data, id_high);
  std::uint32_t data_state = offsetof(coroutine_data, state);
  std::uint32_t data_words_from_frame = offsetof(coroutine_data, words_from_frame);
  std::uint32_t await_size = offsetof(await_kind, size);
#pragma GCC diagnostic pop
};

}  // namespace taskleak::inline v0::detail

extern "C" {
/// Is found by its name in the symbol table of the program, or of the library that has the main line.
[[gnu::visibility("default")]] extern const taskleak::detail::layout_for_debuggers taskleak_layout;
[[gnu::used]] constinit const taskleak::detail::layout_for_debuggers taskleak_layout;
}

#endif
