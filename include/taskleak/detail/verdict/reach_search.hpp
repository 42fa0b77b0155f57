// SPDX-License-Identifier: MIT
/// \file Finds out, in a frozen copy of the process, which parked tasks nothing that can still run can wake.
///
/// A thread that waits for a futex without a time limit goes on only if another task gets hold of the memory that the futex is
/// in. All other threads can run. What these and the static objects lead to is marked; a thread whose wait object is marked can
/// run, too, and so on until nothing is new. The method is that of Go's goroutine leak profile: "Dynamic Partial Deadlock
/// Detection and Recovery via Garbage Collection", ASPLOS 2025.
#ifndef TASKLEAK_DETAIL_VERDICT_REACH_SEARCH_HPP
#define TASKLEAK_DETAIL_VERDICT_REACH_SEARCH_HPP

#include <taskleak/detail/inspect/waiter_pool.hpp>
#include <taskleak/detail/platform/process_memory.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/registry/coroutine_transfers.hpp>
#include <taskleak/detail/verdict/marker.hpp>
#include <taskleak/detail/verdict/object_table.hpp>
#include <taskleak/detail/verdict/path_trace.hpp>
#include <taskleak/detail/verdict/process_objects.hpp>
#include <taskleak/detail/verdict/reach_facts.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <pthread.h>

namespace taskleak::inline v0::detail {

class reach_search {
 public:
  struct question {
    std::span<thread_to_reach> threads;  ///< all threads of the process, in the order of their ids
    std::span<coroutine_to_reach> coroutines;
    std::span<way_to_task> ways;                     ///< of coroutines
    std::uintptr_t main_thread;                      ///< the main thread's handle
    address_range own;                               ///< memory that says what is asked, and so is no holder
    std::span<const address_range> stack_of_caller;  ///< the parts that are the program's
  };

  reach_search(const question& asked, const static_memory& statics, const descriptor_layout& layout) noexcept
      : asked_(asked), statics_(statics), layout_(layout), objects_(statics, layout), marker_(objects_.table(), *this) {}

  reach_answer run() noexcept {
    if (asked_.main_thread == 0 || !objects_.read_maps() || !has_memory_of_process()) return {};
    if (!stacks_.reserve(asked_.threads.size() + 1) || !objects_.build() || !marker_.reserve()) return {};
    if (const int unknown = find_stacks()) return {reach_doubt::unknown_thread, unknown};
    storage_of_main_ = objects_.storage_of(asked_.main_thread);
    leave_out_own();
    objects_.mark_statics(marker_);
    if (!for_each_kernel_word([this](std::uintptr_t word) { marker_.take(word, 0); })) return {reach_doubt::kernel, 0};
    for (thread_to_reach& t : asked_.threads) t.can_run = !t.waits;
    scan_roots();
    mark_to_the_end();
    if (is_something_left()) {
      marker_.be_thorough();
      scan_roots();
      mark_to_the_end();
    }
    if (objects_.table().is_full()) return {};
    answer_for_coroutines();
    for (thread_to_reach& t : asked_.threads)
      if (t.can_run && t.waits) trace_object(t.object, t.way);
    for (const thread_to_reach& t : asked_.threads)
      if (t.can_run && t.may_hold_more) return {reach_doubt::registers, t.tid};
    return {reach_doubt::none, 0};
  }

  // ---- what the marker asks

  address_range watched() const noexcept { return hull_of_stacks_; }

  /// A pointer to what lives on a stack: the stack's thread need not be able to run for somebody to use it.
  void saw(std::uintptr_t word, std::uintptr_t at) noexcept {
    if (live_stack* const s = stack_with(word); s && !s->is_reached) {
      s->is_reached = true;
      s->found_at = at;
      has_news_ = true;
    }
  }

 private:
  /// The part of a thread's stack that is in use, with what lies behind: its thread-local objects and, but for the main thread's,
  /// its descriptor.
  struct live_stack {
    address_range range;
    std::uintptr_t descriptor = 0;
    address_range all;  ///< with the part that is not in use
    std::uint32_t thread = 0;
    bool is_reached = false;
    bool is_scanned = false;
    bool is_elsewhere = false;  ///< the thread runs on memory of the program's, a fiber's or a signal's
    std::uintptr_t found_at = 0;
  };

  static constexpr std::uintptr_t red_zone = 128;  ///< System V psABI, "The Stack Frame"

  /// Whether this copy has all the memory that its process has: madvise(2) with MADV_DONTFORK keeps some from it.
  bool has_memory_of_process() noexcept {
    page_array<memory_mapping> all;
    const proc_path path(current_pid(), 0, "maps");
    if (!all.reserve(objects_.maps().size() + 4096) || !read_memory_map(all, path.c_str())) return false;
    std::size_t at = 0;
    for (const memory_mapping& m : all) {
      while (at < objects_.maps().size() && objects_.maps()[at].range.to <= m.range.from) ++at;
      if (at == objects_.maps().size() || objects_.maps()[at].range.from > m.range.from) return false;
    }
    return true;
  }

  /// Returns a thread whose stack is not known, 0 if there is none.
  int find_stacks() noexcept {
    live_stack* const by_thread = stacks_.extend(asked_.threads.size());
    for (const thread_area& a : objects_.areas())
      if (const std::uint32_t i = thread_of(raw_word<int>(a.descriptor + layout_.tid)); i != no_thread) {
        by_thread[i].descriptor = a.descriptor;
        by_thread[i].all = a.memory;
      }
    for (std::uint32_t i = 0; i < asked_.threads.size(); ++i) {
      const thread_to_reach& t = asked_.threads[i];
      live_stack& s = by_thread[i];
      s.thread = i;
      if (t.tid == current_pid()) find_main_stack(s);
      if (s.all.to == 0) return t.tid;
      s.is_elsewhere = !s.all.has(t.sp);
      s.range = {s.is_elsewhere ? objects_.first_accessible(s.all.from)
                 : t.is_caller  ? asked_.stack_of_caller.back().from
                                : t.sp - red_zone,
                 s.all.to};
    }
    std::sort(stacks_.begin(), stacks_.end(), [](const live_stack& a, const live_stack& b) { return a.all.from < b.all.from; });
    if (stacks_.size() != 0) hull_of_stacks_ = {stacks_[0].range.from, stacks_.back().range.to};
    return 0;
  }

  static constexpr std::uint32_t no_thread = ~std::uint32_t{0};

  std::uint32_t thread_of(int tid) const noexcept {
    const auto at = std::lower_bound(asked_.threads.begin(), asked_.threads.end(), tid,
                                     [](const thread_to_reach& t, int wanted) { return t.tid < wanted; });
    return at != asked_.threads.end() && at->tid == tid ? static_cast<std::uint32_t>(at - asked_.threads.begin()) : no_thread;
  }

  void find_main_stack(live_stack& s) const noexcept {
    s.descriptor = asked_.main_thread;
    for (const memory_mapping& m : objects_.maps())
      if (m.what == memory_mapping::kind::main_stack) s.all = m.range;
  }

  void leave_out_own() noexcept {
    objects_.leave_out_own(marker_);
    marker_.leave_out(asked_.own);
    // the main thread's descriptor lies among the loader's memory, and leads to other threads' by lists
    marker_.leave_out({asked_.main_thread, asked_.main_thread + layout_.size});
    marker_.leave_out(own_storage(asked_.main_thread));
  }

  /// Returns where taskleak keeps the coroutine transfers of the thread with this descriptor: at the same distance in each
  /// thread, if the main line is part of the program or of a library that was loaded with it; an empty range otherwise.
  address_range own_storage(std::uintptr_t descriptor) const noexcept {
    const auto below =
        reinterpret_cast<std::uintptr_t>(__builtin_thread_pointer()) - reinterpret_cast<std::uintptr_t>(&my_transfers);
    if (below >= layout_.static_storage) return {};
    return {descriptor - below, descriptor - below + sizeof my_transfers};
  }

  /// Returns the stack whose memory the address is in, whether that part is in use or not.
  live_stack* stack_around(std::uintptr_t address) noexcept {
    live_stack* const behind = std::upper_bound(stacks_.begin(), stacks_.end(), address,
                                                [](std::uintptr_t at, const live_stack& s) { return at < s.all.from; });
    return behind != stacks_.begin() && behind[-1].all.has(address) ? behind - 1 : nullptr;
  }

  /// Returns the stack that the address points into, as far as it is in use. A handle is the address of the descriptor: who has
  /// it can join the thread, and nothing else.
  live_stack* stack_with(std::uintptr_t address) noexcept {
    live_stack* const s = stack_around(address);
    return s && s->range.has(address) && (address < s->descriptor || s->descriptor < s->all.from) ? s : nullptr;
  }

  // ---- roots

  void scan_roots() noexcept {
    for (const address_range& range : statics_)
      if (statics_.is_beside(range)) marker_.scan(range);
    for (const memory_mapping& m : objects_.maps())
      if (m.is_shared && m.what != memory_mapping::kind::device && m.what != memory_mapping::kind::special) marker_.scan(m.range);
    for (live_stack& s : stacks_) {
      s.is_scanned = false;
      if (s.is_reached || asked_.threads[s.thread].can_run) scan(s);
    }
  }

  /// Looks at a stack that somebody can use, whether its own thread can run or another has a pointer to it.
  void scan(live_stack& s) noexcept {
    s.is_scanned = true;
    const thread_to_reach& t = asked_.threads[s.thread];
    if (s.is_elsewhere) marker_.take(t.sp, 0);
    for (const std::uintptr_t word : t.registers) marker_.take(word, 0);
    if (t.is_caller)
      for (const address_range& part : asked_.stack_of_caller) marker_.scan({part.from, std::min(part.to, s.range.to)});
    else
      scan_without_own(s.range, s.descriptor);
    if (t.tid == current_pid()) {
      marker_.scan(storage_of_main_);
      scan_descriptor_of_main(s.descriptor);
    }
  }

  /// Looks at the stack of a thread and what lies behind, but for what is taskleak's.
  void scan_without_own(const address_range& range, std::uintptr_t descriptor) noexcept {
    const address_range own = own_storage(descriptor);
    const bool is_in_it = own.size() != 0 && range.has(own.from);
    marker_.scan(is_in_it ? address_range{range.from, own.from} : range);
    if (is_in_it) marker_.scan({own.to, range.to});
  }

  /// Looks at what the descriptor has of the program: the blocks of thread-local objects of libraries, and the values of keys.
  void scan_descriptor_of_main(std::uintptr_t descriptor) noexcept {
    for (std::uintptr_t at = descriptor + sizeof(std::uintptr_t); at < descriptor + layout_.size; at += sizeof(std::uintptr_t))
      if (at != descriptor + layout_.list_node && at != descriptor + layout_.list_node + sizeof(std::uintptr_t))
        marker_.take(raw_word(at), at);
  }

  // ---- what is found

  void mark_to_the_end() noexcept {
    do {
      has_news_ = false;
      marker_.run();
      for (live_stack& s : stacks_) {
        thread_to_reach& t = asked_.threads[s.thread];
        if (!t.can_run && can_end(t, s)) t.can_run = has_news_ = true;
        if ((s.is_reached || t.can_run) && !s.is_scanned) {
          scan(s);
          has_news_ = true;
        }
      }
    } while (has_news_);
  }

  bool is_something_left() noexcept {
    for (const thread_to_reach& t : asked_.threads)
      if (!t.can_run) return true;
    for (const coroutine_to_reach& c : asked_.coroutines)
      if (!is_reached(~c.turned_frame)) return true;
    return false;
  }

  /// Whether something that can run can end the wait.
  bool can_end(thread_to_reach& t, const live_stack& own) noexcept {
    if (t.pool_slot >= 0) return can_be_notified(t, own);
    if (const int owner = owner_of_lock(t)) {
      const std::uint32_t i = thread_of(owner);
      return i != no_thread && asked_.threads[i].can_run;
    }
    if (const std::uint32_t joined = thread_with_descriptor_around(t.object); joined != no_thread)
      return asked_.threads[joined].can_run;
    return is_reached(t.object);
  }

  /// Whether an atomic is reached that the thread may wait for. Which one it is, only the thread's own stack tells: any word of
  /// it may be the atomic's address that waits in this slot.
  bool can_be_notified(thread_to_reach& t, const live_stack& own) noexcept {
    if (t.may_hold_more || own.is_elsewhere) return true;
    bool has_any = false;
    const auto is_reached_atomic = [&](std::uintptr_t word) {
      if (!waits_in_slot(word, t.pool_slot) || !is_in_object(word)) return false;
      has_any = true;
      if (!is_reached(word)) return false;
      t.object = word;
      return true;
    };
    for (const std::uintptr_t word : t.registers)
      if (is_reached_atomic(word)) return true;
    for (std::uintptr_t at = (own.range.from + 7) & ~std::uintptr_t{7}; at + 8 <= own.range.to; at += 8)
      if (is_reached_atomic(raw_word(at))) return true;
    return !has_any;
  }

  bool is_in_object(std::uintptr_t address) noexcept {
    if (const live_stack* const s = stack_around(address)) return s->range.has(address);
    return objects_.table().find(address) != object_table::none;
  }

  /// Returns the kernel's id of the thread that alone can give the lock back, 0 if there is none. Of a robust mutex the end of
  /// its owner is told to those who wait: PTHREAD_MUTEX_ROBUST_NORMAL_NP of glibc's pthreadP.h.
  static int owner_of_lock(const thread_to_reach& t) noexcept {
    constexpr int robust = 16;
    if (t.owner_at == 0) return 0;
    if (t.is_mutex && (raw_word<int>(t.object + offsetof(pthread_mutex_t, __data.__kind)) & robust) != 0) return 0;
    return raw_word<int>(t.owner_at);
  }

  /// Returns the thread whose descriptor the address is in: it is waited for until it ends.
  std::uint32_t thread_with_descriptor_around(std::uintptr_t address) noexcept {
    if (address - asked_.main_thread < layout_.size) return thread_of(current_pid());
    const live_stack* const s = stack_around(address);
    return s && address - s->descriptor < layout_.size ? s->thread : no_thread;
  }

  bool is_reached(std::uintptr_t address) noexcept {
    if (const live_stack* const s = stack_around(address))  // below lies the frame of a function that has returned
      return s->range.has(address) && (s->is_reached || asked_.threads[s->thread].can_run);
    const std::uint32_t object = objects_.table().find(address);
    if (object == object_table::none) return true;
    const memory_object& o = objects_.table()[object];
    return o.is_marked() || o.is_free();
  }

  // ---- the answer

  void answer_for_coroutines() noexcept {
    for (coroutine_to_reach& c : asked_.coroutines) {
      c.is_reached = is_reached(~c.turned_frame);
      if (c.is_reached && c.way != coroutine_to_reach::no_way) trace_object(~c.turned_frame, asked_.ways[c.way]);
    }
  }

  void trace_object(std::uintptr_t address, way_to_task& way) noexcept {
    constexpr int most_stacks = 8;
    const auto is_of_main = [this](std::uintptr_t word) {
      return storage_of_main_.has(word) || word - asked_.main_thread < layout_.size;
    };
    for (int n = 0; n < most_stacks && address != 0; ++n) {
      trace(address, way.path, objects_.table(), marker_, is_of_main);
      address = 0;
      way.holder = 0;
      if (way.path.steps == 0 || way.path.last().in != owner_step::kind::thread) return;
      const live_stack* const s = stack_around(way.path.last().word);
      if (!s) return;
      way.holder = asked_.threads[s->thread].tid;
      // a thread that waits itself holds nothing: who has led to its stack does
      if (asked_.threads[s->thread].waits && s->is_reached) address = s->found_at;
    }
  }

  const question& asked_;
  const static_memory& statics_;
  const descriptor_layout& layout_;
  process_objects objects_;
  marker<reach_search> marker_;
  page_array<live_stack> stacks_;
  address_range hull_of_stacks_;
  address_range storage_of_main_;
  bool has_news_ = false;
};

}  // namespace taskleak::inline v0::detail

#endif
