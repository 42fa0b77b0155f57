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
    address_range own_list;                          ///< of stragglers
    std::span<const address_range> stack_of_caller;  ///< the parts that are the program's
    std::span<const std::uintptr_t> turned_ends;     ///< of frames, see thread_to_reach::frames
  };

  reach_search(const question& asked, const static_memory& statics, const descriptor_layout& layout) noexcept
      : asked_(asked), statics_(statics), layout_(layout), objects_(statics, layout), marker_(objects_.table(), *this) {}

  reach_answer run() noexcept {
    if (asked_.main_thread == 0 || !objects_.read_maps()) return {};
    if (!has_memory_of_process()) return {reach_doubt::kept_memory, 0};
    if (!stacks_.reserve(asked_.threads.size()) || !parts_.reserve(2 * asked_.threads.size() + asked_.turned_ends.size()) ||
        !objects_.build() || !marker_.reserve())
      return {};
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
    for (thread_to_reach& t : asked_.threads) {
      if (!t.waits) continue;
      find_block(t);
      if (t.can_run) trace_object(t.object, t.way);
    }
    for (const thread_to_reach& t : asked_.threads)
      if (t.can_run && t.may_hold_more) return {reach_doubt::registers, t.tid};
    return {reach_doubt::none, 0};
  }

  // ---- what the marker asks

  address_range watched() const noexcept { return hull_of_stacks_; }

  /// A pointer to what lies on a stack: the stack's thread need not be able to run for somebody to use it. A handle is the
  /// address of the descriptor: who has it can join the thread, and nothing else.
  void saw(std::uintptr_t word, std::uintptr_t at) noexcept {
    stack_part* const p = part_around(word);
    if (!p || !p->is_in_use || p->is_reached || word - stacks_[p->thread].descriptor < layout_.size) return;
    p->is_reached = true;
    p->found_at = at;
    has_news_ = true;
  }

 private:
  struct thread_stack {
    std::uintptr_t descriptor = 0;
    address_range all;  ///< what lies behind included: thread-local objects and, but for the main thread's, the descriptor
    std::uintptr_t used_from = 0;  ///< below lie the frames of functions that have returned
    bool is_elsewhere = false;     ///< the thread runs on memory of the program's, a fiber's or a signal's
  };

  /// The frame of a function, which no pointer leads out of, or what is known of a stack as a whole.
  struct stack_part {
    address_range range;
    std::uint32_t thread = 0;
    bool is_in_use = false;
    bool is_reached = false;
    bool is_scanned = false;
    std::uintptr_t found_at = 0;
  };

  static constexpr std::uintptr_t red_zone = 128;  ///< System V psABI, "The Stack Frame"

  /// Whether this copy has all the memory that its process has: madvise(2) with MADV_DONTFORK keeps some from it. The main
  /// thread's stack may have grown since.
  bool has_memory_of_process() noexcept {
    page_array<memory_mapping> all;
    const proc_path path(current_pid(), 0, "maps");
    if (!all.reserve(objects_.maps().size() + 4096) || !read_memory_map(all, path.c_str())) return false;
    std::size_t at = 0;
    for (const memory_mapping& m : all) {
      while (at < objects_.maps().size() && objects_.maps()[at].range.to <= m.range.from) ++at;
      if (at == objects_.maps().size() ||
          (objects_.maps()[at].range.from > m.range.from && m.what != memory_mapping::kind::main_stack))
        return false;
    }
    return true;
  }

  /// Returns a thread whose stack is not known, 0 if there is none.
  int find_stacks() noexcept {
    stacks_.extend(asked_.threads.size());
    for (const thread_area& a : objects_.areas())
      if (const std::uint32_t i = thread_of(raw_word<int>(a.descriptor + layout_.tid)); i != no_thread) {
        stacks_[i].descriptor = a.descriptor;
        stacks_[i].all = a.memory;
      }
    for (std::uint32_t i = 0; i < asked_.threads.size(); ++i) {
      const thread_to_reach& t = asked_.threads[i];
      thread_stack& s = stacks_[i];
      if (t.tid == current_pid()) find_main_stack(s);
      if (s.all.to == 0) return t.tid;
      s.is_elsewhere = !s.all.has(t.sp);
      s.used_from = s.is_elsewhere ? objects_.first_accessible(s.all.from)
                    : t.is_caller  ? asked_.stack_of_caller.back().from
                                   : t.sp - red_zone;
      divide(i);
    }
    std::sort(parts_.begin(), parts_.end(), [](const stack_part& a, const stack_part& b) { return a.range.from < b.range.from; });
    if (parts_.size() != 0) hull_of_stacks_ = {parts_[0].range.from, parts_.back().range.to};
    return 0;
  }

  /// Divides a stack into frames, as far as these are known.
  void divide(std::uint32_t thread) noexcept {
    const thread_stack& s = stacks_[thread];
    const thread_to_reach& t = asked_.threads[thread];
    parts_.push({{s.all.from, s.used_from}, thread, false});
    std::uintptr_t from = s.used_from;
    if (!s.is_elsewhere)
      for (const std::uintptr_t turned : asked_.turned_ends.subspan(t.first_frame, t.frames)) {
        if (~turned <= from || ~turned >= s.all.to) break;
        parts_.push({{from, ~turned}, thread, true});
        from = ~turned;
      }
    parts_.push({{from, s.all.to}, thread, true});
  }

  static constexpr std::uint32_t no_thread = ~std::uint32_t{0};

  std::uint32_t thread_of(int tid) const noexcept {
    const auto at = std::lower_bound(asked_.threads.begin(), asked_.threads.end(), tid,
                                     [](const thread_to_reach& t, int wanted) { return t.tid < wanted; });
    return at != asked_.threads.end() && at->tid == tid ? static_cast<std::uint32_t>(at - asked_.threads.begin()) : no_thread;
  }

  void find_main_stack(thread_stack& s) const noexcept {
    s.descriptor = asked_.main_thread;
    for (const memory_mapping& m : objects_.maps())
      if (m.what == memory_mapping::kind::main_stack) s.all = m.range;
  }

  void leave_out_own() noexcept {
    objects_.leave_out_own(marker_);
    marker_.leave_out(asked_.own);
    marker_.leave_out(asked_.own_list);
    // the main thread's descriptor lies among the loader's memory, and leads to other threads' by lists
    marker_.leave_out({asked_.main_thread, asked_.main_thread + layout_.size});
    marker_.leave_out(own_storage(asked_.main_thread));
  }

  /// Returns where taskleak keeps the coroutine transfers of the thread with this descriptor: at the same distance in each
  /// thread, if the main line is part of the program or of a library that was loaded with it; an empty range otherwise.
  address_range own_storage(std::uintptr_t descriptor) const noexcept {
    const auto own = reinterpret_cast<std::uintptr_t>(&my_transfers);
    const auto pointer = reinterpret_cast<std::uintptr_t>(__builtin_thread_pointer());
    if ((own < pointer ? pointer - own : own - pointer) >= layout_.static_storage) return {};
    const std::uintptr_t at = layout_.thread_pointer_of(descriptor) + (own - pointer);
    return {at, at + sizeof my_transfers};
  }

  /// Returns the part of a stack that the address is in.
  stack_part* part_around(std::uintptr_t address) noexcept {
    stack_part* const behind = std::upper_bound(parts_.begin(), parts_.end(), address,
                                                [](std::uintptr_t at, const stack_part& p) { return at < p.range.from; });
    return behind != parts_.begin() && behind[-1].range.has(address) ? behind - 1 : nullptr;
  }

  // ---- roots

  void scan_roots() noexcept {
    for (const address_range& range : statics_)
      if (statics_.is_beside(range)) marker_.scan(range);
    for (const memory_mapping& m : objects_.maps())
      if (m.is_shared && m.what != memory_mapping::kind::device && m.what != memory_mapping::kind::special) marker_.scan(m.range);
    for (stack_part& p : parts_) {
      p.is_scanned = false;
      if (p.is_reached) scan(p);
    }
    for (std::uint32_t i = 0; i < asked_.threads.size(); ++i)
      if (asked_.threads[i].can_run) scan_thread(i);
  }

  /// Looks at what lies on a stack whose thread need not be able to run.
  void scan(stack_part& p) noexcept {
    p.is_scanned = true;
    scan_without_own(p.range, stacks_[p.thread].descriptor);
  }

  /// Looks at all that a thread can use.
  void scan_thread(std::uint32_t i) noexcept {
    const thread_to_reach& t = asked_.threads[i];
    const thread_stack& s = stacks_[i];
    if (t.is_of_taskleak) return;
    if (s.is_elsewhere) marker_.take(t.sp, 0);
    for (const std::uintptr_t word : t.registers) marker_.take(word, 0);
    if (t.is_held) marker_.scan({t.context, t.context_end});
    if (t.is_caller)
      for (const address_range& part : asked_.stack_of_caller) marker_.scan({part.from, std::min(part.to, s.all.to)});
    else
      scan_without_own({s.used_from, s.all.to}, s.descriptor);
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
    const std::uintptr_t blocks = layout_.place_of_blocks(descriptor);
    marker_.take(raw_word(blocks), blocks);
  }

  // ---- what is found

  void mark_to_the_end() noexcept {
    do {
      has_news_ = false;
      marker_.run();
      for (std::uint32_t i = 0; i < asked_.threads.size(); ++i) {
        if (asked_.threads[i].can_run || !can_end(i)) continue;
        asked_.threads[i].can_run = has_news_ = true;
        scan_thread(i);
      }
      for (stack_part& p : parts_) {
        if (!p.is_reached || p.is_scanned) continue;
        scan(p);
        has_news_ = true;
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
  bool can_end(std::uint32_t thread) noexcept {
    thread_to_reach& t = asked_.threads[thread];
    if (t.pool_slot >= 0) return can_be_notified(t, stacks_[thread]);
    if (const int owner = owner_of_lock(t)) {
      const std::uint32_t i = thread_of(owner);
      return i != no_thread && asked_.threads[i].can_run;
    }
    if (const std::uint32_t joined = thread_with_descriptor_around(t.object); joined != no_thread)
      return asked_.threads[joined].can_run;
    return is_reached(t.object);
  }

  /// Whether an atomic is reached that the thread may wait for. Which one it is, only the thread's own stack tells: any word of
  /// the frames of the wait may be the atomic's address that waits in this slot, but for the table's own.
  bool can_be_notified(thread_to_reach& t, const thread_stack& own) noexcept {
    if (t.may_hold_more || own.is_elsewhere) return true;
    bool has_any = false;
    const auto is_reached_atomic = [&](std::uintptr_t word) {
      if (!waits_in_slot(word, t.pool_slot) || waiter_pool_slot(word) >= 0 || !is_in_object(word)) return false;
      has_any = true;
      if (!is_reached(word)) return false;
      t.object = word;
      return true;
    };
    for (const std::uintptr_t word : t.registers)
      if (is_reached_atomic(word)) return true;
    const std::uintptr_t to = t.pool_wait_ends != 0 ? std::min(t.pool_wait_ends, own.all.to) : own.all.to;
    for (std::uintptr_t at = (own.used_from + 7) & ~std::uintptr_t{7}; at + 8 <= to; at += 8)
      if (is_reached_atomic(raw_word(at))) return true;
    return !has_any;
  }

  bool is_in_object(std::uintptr_t address) noexcept {
    if (const stack_part* const p = part_around(address)) return p->is_in_use;
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
    const stack_part* const p = part_around(address);
    return p && address - stacks_[p->thread].descriptor < layout_.size ? p->thread : no_thread;
  }

  bool is_reached(std::uintptr_t address) noexcept {
    if (const stack_part* const p = part_around(address))
      return p->is_in_use && (p->is_reached || asked_.threads[p->thread].can_run);
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

  void find_block(thread_to_reach& t) noexcept {
    const std::uint32_t object = objects_.table().find(t.object);
    if (object == object_table::none || objects_.table()[object].kind() != object_kind::block) return;
    t.block = objects_.table()[object].at();
    t.block_size = objects_.table()[object].size();
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
      const stack_part* const p = part_around(way.path.last().word);
      if (!p) return;
      way.holder = asked_.threads[p->thread].tid;
      // a thread that waits itself holds nothing: who has led to its stack does
      if (asked_.threads[p->thread].waits && p->is_reached) address = p->found_at;
    }
  }

  const question& asked_;
  const static_memory& statics_;
  const descriptor_layout& layout_;
  process_objects objects_;
  marker<reach_search> marker_;
  page_array<thread_stack> stacks_;  ///< in the order of the threads
  page_array<stack_part> parts_;     ///< in the order of their addresses
  address_range hull_of_stacks_;
  address_range storage_of_main_;
  bool has_news_ = false;
};

}  // namespace taskleak::inline v0::detail

#endif
