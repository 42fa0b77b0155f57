// SPDX-License-Identifier: MIT
/// \file Holds what is known of one announced thread, and the pool of such records.
#ifndef TASKLEAK_DETAIL_PROBE_THREAD_THREAD_RECORD_HPP
#define TASKLEAK_DETAIL_PROBE_THREAD_THREAD_RECORD_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/hash_mix.hpp>
#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/base/spinlock.hpp>
#include <taskleak/detail/platform/pages.hpp>
#include <taskleak/detail/platform/thread_handle.hpp>
#include <taskleak/detail/registry/current.hpp>
#include <taskleak/detail/registry/task_node.hpp>

#include <cstddef>
#include <cstdint>
#include <new>

namespace taskleak::inline v0::detail {

/// Lists the events after which a thread's record is no longer needed; whoever adds the last one frees the record.
namespace thread_event {
inline constexpr std::uint32_t finished = 1;  ///< its destructors of thread-specific data have run
inline constexpr std::uint32_t released = 2;  ///< joined or detached
inline constexpr std::uint32_t created = 4;   ///< its creator does not touch the record any more
inline constexpr std::uint32_t over = finished | released;
inline constexpr std::uint32_t all = over | created;
}  // namespace thread_event

/// Holds what is known of one thread. Fields that other threads read are atomic; the others are constant once the record is in
/// the registry, or belong to the thread itself.
struct thread_record : task_node {
  static constexpr std::size_t max_creation_frames = 48;

  thread_record* next_in_bucket = nullptr;
  light_atomic<thread_handle> handle{};
  light_atomic<std::uint32_t> events{0};
  enum class handle_state : unsigned char { unknown, being_entered, entered };
  light_atomic<handle_state> handle_is{handle_state::unknown};
  thread_handle* handle_for_creator = nullptr;  ///< where pthread_create is to put the handle, until it is there
  light_atomic<int> tid{0};                     ///< 0 until the thread runs
  light_atomic<std::uint64_t> name_words[2]{};  ///< the last name given; 16 bytes as in the kernel
  std::int64_t created_at_ns = 0;
  std::size_t stack_size = 0;  ///< in bytes; 0 when it is not known
  light_atomic<std::int64_t> finished_at_ns{0};
  wait_note note;
  int creator_tid = 0;  ///< 0: unknown
  bool created_by_main = false;
  creator_tids older_creators{};  ///< the creators of the creator
  /// Hold the start function and its argument until the thread takes them: an argument that stayed in the record would hide a
  /// leak of its object from LeakSanitizer.
  void* (*start)(void*) = nullptr;
  int (*start_c11)(void*) = nullptr;  ///< instead of `start` for thrd_create
  void* argument = nullptr;
  light_atomic<std::uintptr_t> entry{0};  ///< the address of the start function, for other threads to read
  light_atomic<std::uintptr_t> entry_argument{
      0};                                   ///< its argument with all bits turned, which LeakSanitizer takes for no pointer
  unsigned char rounds_of_destructors = 0;  ///< of thread-specific data, for the thread itself
  unsigned char creation_depth = 0;
  const void* creation_stack[max_creation_frames];
};

/// Hands out records from memory of the system, so that making a thread calls no allocator: tests that count or fail allocations
/// see none of ours. Memory is reused, never returned.
class thread_record_pool {
 public:
  constexpr thread_record_pool() noexcept = default;

  /// Returns a new record; null when the system has no memory left.
  thread_record* make() noexcept {
    {
      spin_guard guard(lock_);
      if (thread_record* r = free_) {
        free_ = r->next_in_bucket;
        const std::uint32_t changes = r->note.changes.load_relaxed();
        auto* const made = new (r) thread_record;
        made->note.changes.store_release(changes + 1);  // tells a reader of the note that the thread it belonged to is gone
        return made;
      }
    }
    constexpr std::size_t per_slab = 64;
    void* const slab = take_pages(per_slab * sizeof(thread_record));
    if (!slab) return nullptr;
    // until a new thread takes its argument, the record holds the only pointer to it, which LeakSanitizer must see
    show_to_leak_sanitizer(slab, per_slab * sizeof(thread_record));
    auto* records = static_cast<thread_record*>(slab);
    for (std::size_t i = 1; i < per_slab; ++i) recycle(new (records + i) thread_record);
    return new (records) thread_record;
  }

  void recycle(thread_record* r) noexcept {
    spin_guard guard(lock_);
    r->next_in_bucket = free_;
    free_ = r;
  }

 private:
  spinlock lock_;
  thread_record* free_ = nullptr;
};

/// Finds a thread's record by its handle.
class thread_table {
 public:
  constexpr thread_table() noexcept = default;

  /// Enters the record. If another record has the same handle, its thread is gone (the join was not seen): that record is taken
  /// out and returned.
  thread_record* insert(thread_record& r) noexcept {
    bucket& b = bucket_of(r.handle.load_relaxed());
    spin_guard guard(b.lock);
    thread_record* stale = unlink(b, r.handle.load_relaxed());
    r.next_in_bucket = b.first;
    b.first = &r;
    return stale;
  }

  void erase(thread_record& r) noexcept {
    bucket& b = bucket_of(r.handle.load_relaxed());
    spin_guard guard(b.lock);
    for (thread_record** link = &b.first; *link; link = &(*link)->next_in_bucket)
      if (*link == &r) {
        *link = r.next_in_bucket;
        return;
      }
  }

  /// Calls `use(record)` under the bucket's lock, so that the record stays; returns false when no thread has the handle.
  template <class Use>
  bool with(thread_handle handle, Use&& use) noexcept {
    bucket& b = bucket_of(handle);
    spin_guard guard(b.lock);
    for (thread_record* r = b.first; r; r = r->next_in_bucket)
      if (is_same_thread(r->handle.load_relaxed(), handle)) {
        use(*r);
        return true;
      }
    return false;
  }

 private:
  struct bucket {
    spinlock lock;
    thread_record* first = nullptr;
  };

  static thread_record* unlink(bucket& b, thread_handle handle) noexcept {
    for (thread_record** link = &b.first; *link; link = &(*link)->next_in_bucket)
      if (is_same_thread((*link)->handle.load_relaxed(), handle)) {
        thread_record* found = *link;
        *link = found->next_in_bucket;
        return found;
      }
    return nullptr;
  }

  bucket& bucket_of(thread_handle handle) noexcept { return buckets_[spread(telling_bits(handle), bits)]; }

  static constexpr unsigned bits = 10;
  bucket buckets_[std::size_t{1} << bits];
};

TASKLEAK_SHARED inline constinit thread_record_pool thread_records;
TASKLEAK_SHARED inline constinit thread_table threads_by_handle;

/// Counts the announced threads that were created and have not finished, as the kernel should list them. The main thread is not
/// counted.
TASKLEAK_SHARED inline constinit light_atomic<int> running_threads{0};

}  // namespace taskleak::inline v0::detail

#endif
