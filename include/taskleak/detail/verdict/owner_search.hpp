// SPDX-License-Identifier: MIT
/// \file Finds out, in a frozen copy of the process, which joinable threads a static object owns.
///
/// A thread can be joined by whoever has its handle. So a thread is owned if its handle is found by following pointers from
/// static objects and from the main thread's thread_local objects, or from the stack and the thread_local objects of an owned
/// thread. What does not count: the thread's own descriptor, stack and storage, other threads' stacks, taskleak's own records.
#ifndef TASKLEAK_DETAIL_VERDICT_OWNER_SEARCH_HPP
#define TASKLEAK_DETAIL_VERDICT_OWNER_SEARCH_HPP

#include <taskleak/detail/base/hash_mix.hpp>
#include <taskleak/detail/platform/process_memory.hpp>
#include <taskleak/detail/verdict/marker.hpp>
#include <taskleak/detail/verdict/object_table.hpp>
#include <taskleak/detail/verdict/owner_facts.hpp>
#include <taskleak/detail/verdict/path_trace.hpp>
#include <taskleak/detail/verdict/process_objects.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace taskleak::inline v0::detail {

class owner_search {
 public:
  /// `main_thread` is the main thread's handle, 0 if nobody knows it.
  owner_search(std::span<thread_to_own> threads, std::uintptr_t main_thread, address_range awaited_handles,
               const static_memory& statics, const descriptor_layout& layout) noexcept
      : threads_(threads),
        main_thread_(main_thread),
        awaited_handles_(awaited_handles),
        statics_(statics),
        layout_(layout),
        objects_(statics, layout),
        marker_(objects_.table(), *this) {}

  /// Returns false when it could not be found out.
  bool run() noexcept {
    if (!objects_.read_maps()) return false;
    for (const thread_to_own& t : threads_) objects_.add_thread(t.handle);
    if (!objects_.build() || !marker_.reserve() || !enter_handles()) return false;
    objects_.leave_out_own(marker_);
    marker_.leave_out(awaited_handles_);
    for (const thread_area& a : objects_.areas())  // a stack that the program has allocated itself
      if (objects_.table().find(a.descriptor) != object_table::none) marker_.leave_out(a.memory);
    objects_.mark_statics(marker_);
    mark_storage_of_main();
    marker_.run();
    while (next_owned_ < owned_.size()) {
      scan_thread(owned_[next_owned_++]);
      marker_.run();
    }
    for (thread_to_own& t : threads_)
      if (t.is_owned) trace_path(t);
    return true;
  }

  // ---- what the marker asks

  address_range watched() const noexcept { return handles_; }

  void saw(std::uintptr_t word, std::uintptr_t at) noexcept {
    const std::uint32_t i = thread_of(word);
    if (i == no_thread || threads_[i].is_owned) return;
    threads_[i].is_owned = true;
    threads_[i].found_at = at;
    owned_.push(i);
  }

 private:
  static constexpr std::uint32_t no_thread = ~std::uint32_t{0};

  // ---- handles, in a table of twice their number

  bool enter_handles() noexcept {
    while ((std::size_t{1} << bits_) < 2 * threads_.size()) ++bits_;
    const std::size_t places = std::size_t{1} << bits_;
    if (!by_handle_.reserve(places) || !by_handle_.extend(places) || !owned_.reserve(threads_.size())) return false;
    handles_.from = UINTPTR_MAX;
    for (std::uint32_t i = 0; i < threads_.size(); ++i) {
      const std::uintptr_t handle = threads_[i].handle;
      handles_.from = std::min(handles_.from, handle);
      handles_.to = std::max(handles_.to, handle + 1);
      std::size_t place = spread(handle, bits_);
      while (by_handle_[place] != 0) place = (place + 1) % places;
      by_handle_[place] = i + 1;
    }
    return true;
  }

  std::uint32_t thread_of(std::uintptr_t handle) const noexcept {
    const std::size_t places = std::size_t{1} << bits_;
    for (std::size_t place = spread(handle, bits_); by_handle_[place] != 0; place = (place + 1) % places)
      if (threads_[by_handle_[place] - 1].handle == handle) return by_handle_[place] - 1;
    return no_thread;
  }

  // ---- roots

  void mark_storage_of_main() noexcept {
    if (main_thread_ == 0) return;
    storage_of_main_ = objects_.storage_of(main_thread_);
    if (storage_of_main_.size() == 0) return;
    // a thread-local object of a library loaded with the program has the same place in each thread
    const std::uintptr_t own = reinterpret_cast<std::uintptr_t>(__builtin_thread_pointer());
    const std::uintptr_t pointer_of_main = layout_.thread_pointer_of(main_thread_);
    statics_.for_each_storage_left_out([&](const address_range& r) {
      marker_.leave_out({r.from - own + pointer_of_main, r.to - own + pointer_of_main});
    });
    // the descriptor lies in a mapping that holds what the loader has allocated, and is looked at as a whole
    marker_.leave_out({main_thread_, main_thread_ + layout_.size});
    marker_.scan(storage_of_main_);
    scan_storage_of_libraries(main_thread_);  // not the values of keys: GoogleTest's lead to words of earlier tests
  }

  /// Looks at the blocks of thread_local objects of libraries that were loaded later.
  void scan_storage_of_libraries(std::uintptr_t descriptor) noexcept {
    const std::uintptr_t at = layout_.place_of_blocks(descriptor);
    marker_.take(raw_word(at), at);
  }

  /// Looks at what a descriptor has of the program: the blocks of thread_local objects of loaded libraries, and the values of
  /// pthread_setspecific(3). The rest is glibc's: lists of threads, the thread that joins this one.
  void scan_descriptor(std::uintptr_t descriptor) noexcept {
    constexpr std::size_t keys_in_it = 32;  // PTHREAD_KEY_2NDLEVEL_SIZE; each with a number and a value
    constexpr std::size_t blocks = 32;      // PTHREAD_KEY_1STLEVEL_SIZE
    scan_storage_of_libraries(descriptor);
    if (!statics_.keys_count()) return;
    const std::uintptr_t pointers = descriptor + layout_.specific, end = descriptor + layout_.size;
    if (pointers + blocks * sizeof(std::uintptr_t) > end) return;
    const std::uintptr_t first_block = raw_word(pointers);
    if (first_block >= descriptor && first_block + keys_in_it * 16 <= end)
      marker_.scan({first_block, first_block + keys_in_it * 16});
    marker_.scan({pointers + sizeof(std::uintptr_t), pointers + blocks * sizeof(std::uintptr_t)});
  }

  /// Looks at the stack and the storage of an owned thread. On a stack of a fiber the thread's own stack counts as well.
  void scan_thread(std::uint32_t i) noexcept {
    const thread_to_own& t = threads_[i];
    const thread_area* const area = objects_.areas().find(t.handle);
    if (!area) return;
    const bool is_on_own_stack = area->memory.has(t.sp);
    if (t.sp != 0 && !is_on_own_stack) marker_.take(t.sp, t.handle);
    const std::uintptr_t from = is_on_own_stack ? t.sp : objects_.first_accessible(area->memory.from);
    marker_.scan({from, t.handle});
    if (const address_range storage = layout_.storage_of(t.handle, area->memory); storage.to > t.handle) marker_.scan(storage);
    scan_descriptor(t.handle);
  }

  // ---- paths

  void trace_path(thread_to_own& t) noexcept {
    trace(t.found_at, t.path, objects_.table(), marker_,
          [&](std::uintptr_t word) { return storage_of_main_.has(word) || word - main_thread_ < layout_.size; });
    if (t.path.last().in == owner_step::kind::thread) t.owning_thread = thread_around(t.path.last().word);
  }

  std::size_t thread_around(std::uintptr_t word) const noexcept {
    const thread_area* const area = objects_.areas().around(word);
    const std::uint32_t i = area ? thread_of(area->descriptor) : no_thread;
    return i == no_thread ? threads_.size() - 1 : i;
  }

  std::span<thread_to_own> threads_;
  std::uintptr_t main_thread_;
  address_range awaited_handles_;
  const static_memory& statics_;
  const descriptor_layout& layout_;
  process_objects objects_;
  marker<owner_search> marker_;
  page_array<std::uint32_t> by_handle_;  ///< 0: free, else the thread's place plus one
  unsigned bits_ = 1;
  address_range handles_;
  page_array<std::uint32_t> owned_;
  std::size_t next_owned_ = 0;
  address_range storage_of_main_;
};

}  // namespace taskleak::inline v0::detail

#endif
