// SPDX-License-Identifier: MIT
/// \file Asks a frozen copy of the process which threads a static object owns.
#ifndef TASKLEAK_DETAIL_VERDICT_OWNERS_HPP
#define TASKLEAK_DETAIL_VERDICT_OWNERS_HPP

#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/platform/frozen_copy.hpp>
#include <taskleak/detail/platform/parked_call.hpp>
#include <taskleak/detail/platform/process_memory.hpp>
#include <taskleak/detail/probe/thread/awaited_handles.hpp>
#include <taskleak/detail/probe/thread/live_thread.hpp>
#include <taskleak/detail/probe/thread/main_thread.hpp>
#include <taskleak/detail/probe/thread/thread_record.hpp>
#include <taskleak/detail/verdict/modules_to_search.hpp>
#include <taskleak/detail/verdict/owner_doubt.hpp>
#include <taskleak/detail/verdict/owner_facts.hpp>
#include <taskleak/detail/verdict/owner_search.hpp>
#include <taskleak/detail/verdict/owner_words.hpp>
#include <taskleak/detail/verdict/thread_owner.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Holds a question about the owners of threads in memory that this process and its frozen copy share.
///
/// Handles stand nowhere else for longer than it takes to ask: a word that equals one, left over in a block of the heap, would
/// make the owner of that block the owner of the thread.
class shared_owner_question {
 public:
  explicit shared_owner_question(std::size_t threads) noexcept : pages_(threads * sizeof(thread_to_own)) {
    if (pages_.has_room()) threads_ = pages_.make<thread_to_own>(threads);
  }

  /// Empty where there was no room.
  std::span<thread_to_own> threads() const noexcept { return threads_; }

 private:
  shared_pages pages_;
  std::span<thread_to_own> threads_;
};

/// Whether the static object is a test framework's, or taskleak's. These lead to blocks in which words of earlier tests are left,
/// and no framework makes threads.
inline bool is_of_framework(std::string_view name) noexcept {
  for (const std::string_view space : {"testing::", "Catch::", "doctest::", "boost::unit_test::", "taskleak::"})
    if (name.starts_with(space)) return true;
  return false;
}

/// Whether valgrind runs this program: it complains of each word that the search looks at and nobody has written. Valgrind has
/// the loader load its own library first.
inline bool is_under_valgrind() noexcept {
  const char* const first = std::getenv("LD_PRELOAD");
  return first && std::string_view(first).find("vgpreload_") != std::string_view::npos;
}

/// Remembers for the next report why the owners are not known, or are known in part only.
inline void note_doubt(const copy_outcome& outcome) noexcept {
  switch (outcome.how) {
    case copy_outcome::kind::refused: return doubt_about_owners.note(why_there_is_no_copy(outcome.status));
    case copy_outcome::kind::late:
      return doubt_about_owners.note("who owns a thread is not known: to look through the memory of this process takes too long");
    case copy_outcome::kind::stale:
    case copy_outcome::kind::asleep:
    case copy_outcome::kind::died:
      return doubt_about_owners.note("who owns a thread is not known: the look through a copy of the process has failed");
    case copy_outcome::kind::done: break;
  }
  if (foreign_allocator::known().is_unknown())
    doubt_about_owners.note("who owns a thread is known in part only: the program has an allocator that taskleak does not know");
}

/// Finds the owners of all joinable threads by one look at a frozen copy. Returns their serials and owners; an empty value when
/// it could not be told, or takes too long in this process. Threads go on meanwhile: the answer is about the moment of the copy.
inline std::optional<owners_of_threads> find_owners() {
  constexpr std::int64_t longest_ns = 10'000'000'000;
  static constinit light_atomic<bool> takes_too_long{false};
  if (takes_too_long.load_relaxed() || is_under_valgrind()) return std::nullopt;
  light_vector<live_thread> threads = copy_threads_younger_than(
      0, [](const thread_record& r) { return (r.events.load_acquire() & thread_event::released) == 0; });
  detail::erase_if(threads, [](const live_thread& t) { return !can_be_joined(t); });
  owners_of_threads owners;
  if (threads.empty()) return owners;
  const shared_owner_question question(threads.size());
  if (question.threads().empty()) return std::nullopt;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    thread_to_own& asked = question.threads()[i];
    asked.handle = turned(threads[i].turned_handle);
    asked.tid = threads[i].tid;
    if (threads[i].finished || threads[i].tid == 0) continue;
    if (const parked_call call = read_parked_call(threads[i].tid); call.what == parked_call::kind::blocked) asked.sp = call.sp;
  }
  foreign_allocator::known();  // asks the loader, which the copy may not
  static_memory statics;
  statics.collect(&what_may_own);
  struct {
    const shared_owner_question& question;
    const static_memory& statics;
    const descriptor_layout& layout;
  } asked{question, statics, descriptor_layout::known()};
  const copy_outcome outcome = on_frozen_copy(
      [](void* given) {
        auto& all = *static_cast<decltype(asked)*>(given);
        const auto joins = reinterpret_cast<std::uintptr_t>(&joins_under_way);
        owner_search search(all.question.threads(), handle_of_main_thread.load_acquire(), {joins, joins + sizeof joins_under_way},
                            all.statics, all.layout);
        return search.run() ? 0 : 1;
      },
      &asked, longest_ns);
  if (outcome.how == copy_outcome::kind::late) takes_too_long.store_relaxed(true);
  note_doubt(outcome);
  if (!outcome.is_done() || outcome.status != 0) return std::nullopt;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    if (!question.threads()[i].is_owned) continue;
    thread_owner owner = owner_of(question.threads(), question.threads()[i]);
    if (!is_of_framework(owner.name)) owners.emplace(threads[i].serial, std::move(owner));
  }
  return owners;
}

}  // namespace taskleak::inline v0::detail

#endif
