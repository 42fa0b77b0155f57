// SPDX-License-Identifier: MIT
/// \file Lists the live coroutines in a table for each thread, whose slots are taken and given back without a lock.
///
/// A list linked through the coroutines would need a lock at each birth and death, and an atomic read-modify-write costs as much
/// as all the rest: so a coroutine has a slot in a table that its creator owns. Only the owner takes slots. Whoever destroys the
/// coroutine clears its slot with one store. See docs/how-it-works.md, "Coroutines".
#ifndef TASKLEAK_DETAIL_PROBE_COROUTINE_TABLE_HPP
#define TASKLEAK_DETAIL_PROBE_COROUTINE_TABLE_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/spinlock.hpp>
#include <taskleak/detail/platform/child_process.hpp>
#include <taskleak/detail/platform/coarse_clock.hpp>
#include <taskleak/detail/platform/pages.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/platform/thread_end.hpp>
#include <taskleak/detail/registry/current.hpp>
#include <taskleak/detail/registry/registry.hpp>

#include <cstddef>
#include <cstdint>
#include <new>

namespace taskleak::inline v0::detail {

/// Holds the address of a coroutine_node, a multiple of 8, with bit 1 set when a check has dealt with the coroutine. A free slot
/// holds 0, or an odd number: the address of the next free slot, plus one.
using coroutine_slot = light_atomic<std::uintptr_t>;

inline constexpr std::uintptr_t slot_is_free = 1;
inline constexpr std::uintptr_t slot_is_settled = 2;
inline bool is_live(std::uintptr_t in_slot) noexcept { return in_slot != 0 && !(in_slot & slot_is_free); }

class coroutine_table;

/// Holds what the coroutines of a block have in common, so that no coroutine has to hold it.
struct coroutine_birth {
  std::uint64_t epoch = 0;
  const scope* charged_to = nullptr;
  std::uint64_t group = 0;  ///< a number for this thread, epoch and scope
  int creator_tid = 0;
  creator_tids older_creators{};
  bool created_by_main = false;
};

struct alignas(512) coroutine_block {
  static constexpr std::size_t capacity = 56;

  coroutine_birth birth;
  coroutine_block* older = nullptr;
  std::uint64_t unused = 0;
  coroutine_slot slots[capacity];

  static coroutine_block& of(coroutine_slot& slot) noexcept {
    return *reinterpret_cast<coroutine_block*>(reinterpret_cast<std::uintptr_t>(&slot) &
                                               ~std::uintptr_t{alignof(coroutine_block) - 1});
  }
  bool has_live() const noexcept {
    for (const coroutine_slot& slot : slots)
      if (is_live(slot.load_acquire())) return true;
    return false;
  }
};
static_assert(sizeof(coroutine_block) == 512);

/// Holds the blocks of one thread, newest first. A table outlives its thread, and is then handed to a new thread.
class coroutine_table {
 public:
  bool adopt() noexcept { return !owned_.exchange(true); }
  void abandon() noexcept { owned_.store_release(false); }

  /// Returns a block without live coroutines, put in front of the others; null when there is no memory. Only the owner calls
  /// this.
  coroutine_block* open_block(const coroutine_birth& birth) noexcept {
    coroutine_block* block = nullptr;
    {
      spin_guard guard(lock);
      block = newest && !newest->has_live() ? newest : nullptr;
      if (block)
        newest = block->older;
      else if ((block = spare_))
        spare_ = block->older;
    }
    if (!block && !(block = fresh_block())) return nullptr;
    block->birth = birth;
    for (std::size_t i = 0; i < coroutine_block::capacity; ++i)
      block->slots[i].store_relaxed(i + 1 < coroutine_block::capacity
                                        ? reinterpret_cast<std::uintptr_t>(&block->slots[i + 1]) | slot_is_free
                                        : slot_is_free);
    spin_guard guard(lock);
    none_since_.reset();
    block->older = newest;
    newest = block;
    newest_epoch.store_release(birth.epoch);
    ++opened_since_sweep_;
    return block;
  }

  /// Whether more blocks were opened since the last sweep than that sweep left: then another sweep is worth its price.
  bool is_worth_sweeping() const noexcept { return opened_since_sweep_ > left_by_sweep_; }

  /// Puts empty blocks aside. Returns the first of the free slots in blocks of the group, linked; null when these are too few to
  /// be worth it. Only the owner calls this.
  coroutine_slot* sweep(std::uint64_t group) noexcept {
    coroutine_slot* first = nullptr;
    std::size_t found = 0;
    std::size_t in_group = 0;
    std::size_t left = 0;
    spin_guard guard(lock);
    none_since_.reset();
    for (coroutine_block** link = &newest; *link;) {
      coroutine_block& block = **link;
      if (block.birth.group == group) {
        in_group += coroutine_block::capacity;
        for (coroutine_slot& slot : block.slots)
          if (!is_live(slot.load_acquire())) {
            slot.store_relaxed(reinterpret_cast<std::uintptr_t>(first) | slot_is_free);
            first = &slot;
            ++found;
          }
      } else if (!block.has_live()) {
        *link = block.older;
        block.older = spare_;
        spare_ = &block;
        continue;
      }
      ++left;
      link = &block.older;
    }
    newest_epoch.store_release(newest ? newest->birth.epoch : 0);
    left_by_sweep_ = left;
    opened_since_sweep_ = 0;
    return found * 4 >= in_group ? first : nullptr;
  }

  /// Returns the epoch of the youngest live coroutine, or of one that was alive when the look began; `found` when all live ones
  /// are as old as that. A second look takes no time to speak of, however many dead coroutines the first one has passed.
  std::uint64_t youngest(std::uint64_t found) noexcept {
    if (newest_epoch.load_acquire() <= found) return found;
    const spin_guard guard(lock);
    const std::uint64_t born = births.load_acquire();
    coroutine_block* block = none_since_.is_known(born) ? none_since_.first_with_live : newest;
    while (block && block->birth.epoch > found && !block->has_live()) block = block->older;
    none_since_ = {true, born, block};
    return block && block->birth.epoch > found ? block->birth.epoch : found;
  }

  coroutine_table* next = nullptr;  ///< the next of all tables; constant once this one is linked
  spinlock lock;                    ///< guards the list of blocks
  coroutine_block* newest = nullptr;
  light_atomic<std::uint64_t> newest_epoch{0};  ///< the epoch of `newest`, for a look without the lock
  light_atomic<std::uint64_t> births{0};        ///< how many coroutines were born: the owner counts each once it is in its slot

 private:
  coroutine_block* fresh_block() noexcept {
    constexpr std::size_t per_chunk = 128;
    if (fresh_ == end_of_fresh_) {
      fresh_ = static_cast<coroutine_block*>(take_pages(per_chunk * sizeof(coroutine_block)));
      if (!fresh_) {
        end_of_fresh_ = nullptr;
        return nullptr;
      }
      end_of_fresh_ = fresh_ + per_chunk;
    }
    return fresh_++;
  }

  /// Remembers the newest block that may have a live coroutine: those in front of it have none, as long as none is born and the
  /// list is as it was. Guarded by the lock.
  struct look {
    bool is_there = false;
    std::uint64_t births = 0;
    coroutine_block* first_with_live = nullptr;

    bool is_known(std::uint64_t births_now) const noexcept { return is_there && births == births_now; }
    void reset() noexcept { is_there = false; }
  };

  look none_since_;
  coroutine_block* spare_ = nullptr;
  coroutine_block* fresh_ = nullptr;
  coroutine_block* end_of_fresh_ = nullptr;
  std::size_t opened_since_sweep_ = 0;
  std::size_t left_by_sweep_ = 0;
  light_atomic<bool> owned_{true};
};

/// Holds all tables there ever were: as many as the program had threads with coroutines at one time.
class coroutine_tables {
 public:
  constexpr coroutine_tables() noexcept = default;

  coroutine_table* first() const noexcept { return first_.load_acquire(); }

  /// Returns a table whose thread has ended, or a new one; null when there is no memory.
  coroutine_table* take() noexcept {
    const unseen_by_tsan unseen;
    for (coroutine_table* t = first(); t; t = t->next)
      if (t->adopt()) return t;
    void* const pages = take_pages(sizeof(coroutine_table));
    if (!pages) return nullptr;
    auto* const made = new (pages) coroutine_table;
    made->next = first_.load_relaxed();
    while (!first_.compare_exchange(made->next, made)) {
    }
    return made;
  }

  /// Returns a number that no other group of blocks has.
  std::uint64_t next_group() noexcept { return groups_.fetch_add(1) + 1; }

  /// Reserves so many ids and returns the first.
  std::uint64_t next_ids(std::uint64_t count) noexcept { return ids_.fetch_add(count) + 1; }

  /// Returns how many coroutines were ever made.
  std::uint64_t births() const noexcept {
    const unseen_by_tsan unseen;
    std::uint64_t sum = 0;
    for (const coroutine_table* t = first(); t; t = t->next) sum += t->births.load_acquire();
    return sum;
  }

  /// Looks from table to table, and from slot to slot, see look_between().
  template <class Look>
  bool look_between_births(Look&& look) const {
    return look_between([this] { return births(); }, look);
  }

  /// Whether a coroutine younger than the epoch is alive. Looks at each table until it finds one, however many are older.
  bool has_younger_than(std::uint64_t epoch) noexcept {
    bool found = false;
    const bool is_sure = look_between_births([&] { found = found || seems_to_have_younger_than(epoch); });
    return found || !is_sure;  // a coroutine that is being born is younger
  }

  /// Looks once for has_younger_than(); may miss a coroutine that is born meanwhile.
  bool seems_to_have_younger_than(std::uint64_t epoch) noexcept {
    return any_younger_than(epoch, [](coroutine_block&, coroutine_slot&, std::uintptr_t) { return true; });
  }

  /// Returns the epoch of the youngest live coroutine, or of one that was alive when the look began; 0 when there is none.
  std::uint64_t youngest() noexcept {
    std::uint64_t found = 0;
    const bool is_sure = look_between_births([&] { found = seemingly_youngest(found); });
    return is_sure ? found : the_registry.current_epoch();
  }

  std::size_t size() noexcept {
    std::size_t count = 0;
    for_each_younger_than(0, [&](coroutine_block&, coroutine_slot&, std::uintptr_t) { ++count; });
    return count;
  }

  /// Calls `visit(block, slot, content of the slot)` for each coroutine younger than the epoch, under the table's lock: the visit
  /// must neither block nor allocate. The coroutine itself may be gone at any time. Coroutines of one table come newest first, as
  /// long as no slot has been used twice.
  template <class Visit>
  void for_each_younger_than(std::uint64_t epoch, Visit&& visit) noexcept {
    any_younger_than(epoch, [&](coroutine_block& block, coroutine_slot& slot, std::uintptr_t in_slot) {
      visit(block, slot, in_slot);
      return false;
    });
  }

  /// Calls `visit` as for_each_younger_than() does, until a visit returns true; returns whether one did.
  template <class Visit>
  bool any_younger_than(std::uint64_t epoch, Visit&& visit) noexcept {
    const unseen_by_tsan unseen;
    for (coroutine_table* t = first(); t; t = t->next) {
      if (t->newest_epoch.load_acquire() <= epoch) continue;
      spin_guard guard(t->lock);
      for (coroutine_block* block = t->newest; block && block->birth.epoch > epoch; block = block->older)
        for (std::size_t i = coroutine_block::capacity; i-- > 0;) {
          coroutine_slot& slot = block->slots[i];
          if (const std::uintptr_t in_slot = slot.load_acquire(); is_live(in_slot) && visit(*block, slot, in_slot)) return true;
        }
    }
    return false;
  }

 private:
  /// Looks once for a coroutine that is younger than the epoch `found`; returns the youngest epoch seen.
  std::uint64_t seemingly_youngest(std::uint64_t found) noexcept {
    const unseen_by_tsan unseen;
    for (coroutine_table* t = first(); t; t = t->next) found = t->youngest(found);
    return found;
  }

  light_atomic<coroutine_table*> first_{nullptr};
  alignas(64) light_atomic<std::uint64_t> groups_{0};
  light_atomic<std::uint64_t> ids_{0};
};

TASKLEAK_SHARED inline constinit coroutine_tables all_coroutines;

/// Is set by the main line. A program without a main line lists no coroutines: each birth costs one load.
TASKLEAK_SHARED inline constinit light_atomic<bool> coroutines_are_tracked{false};

/// Holds the calling thread's side of its table.
class thread_coroutines {
 public:
  constexpr thread_coroutines() noexcept = default;

  /// Returns a slot and an id for a coroutine that is being created; null when the coroutine cannot be tracked.
  coroutine_slot* enter(std::uint64_t& id) noexcept {
    if (!free_ || birth_.epoch != the_registry.current_epoch() || charging_ != this_task.charging) [[unlikely]]
      if (!make_room()) return nullptr;
    if ((next_id_ & (ids_at_once - 1)) == 0) [[unlikely]]
      next_id_ = all_coroutines.next_ids(ids_at_once);
    coroutine_slot* const slot = free_;
    free_ = reinterpret_cast<coroutine_slot*>(slot->load_relaxed() & ~slot_is_free);
    id = next_id_++;
    return slot;
  }

  /// Counts the coroutine that enter() gave a slot, now that it is in the slot: a look sees every coroutine counted before it.
  void entered() noexcept { table_->births.store_release(table_->births.load_relaxed() + 1); }

  /// Frees the slot of a coroutine that is about to be destroyed; any thread may have created the coroutine.
  void leave(coroutine_slot& slot) noexcept {
    if (coroutine_block::of(slot).birth.group == birth_.group) {
      slot.store_release(reinterpret_cast<std::uintptr_t>(free_) | slot_is_free);
      free_ = &slot;
    } else {
      slot.store_release(0);
    }
  }

  [[gnu::noinline]] std::uint32_t read_clock() noexcept { return clock_ms_ = coarse_ms(); }

  /// Returns when this thread last read its clock: at its first birth since the epoch began, or later.
  std::uint32_t last_clock() const noexcept { return clock_ms_; }

 private:
  static constexpr std::uint64_t ids_at_once = 256;

  void leave_table() noexcept {
    table_ = nullptr;
    free_ = nullptr;
    birth_.group = 0;
  }

#if defined(_WIN32)
  /// Gives the table back when the thread ends. What the thread has of it may be gone by then, and be made anew for this.
  static void give_back(void* table) noexcept;
#else
  /// Gives the table back when the thread ends.
  struct end_of_thread {
    thread_coroutines& of;
    ~end_of_thread() {
      if (of.table_) of.table_->abandon();
      of.leave_table();
      of.has_ended_ = true;
    }
  };
#endif

  // why shared: code that runs at the thread's end would pin the library that holds it until then
  TASKLEAK_SHARED [[gnu::noinline]] bool make_room() noexcept {
    if (has_ended_ || is_forked_child()) return false;
    if (!table_) {
#if defined(_WIN32)
      table_ = all_coroutines.take();
      if (table_) at_end_of_this_thread<&give_back>(table_);
#else
      static thread_local end_of_thread at_end{*this};
      table_ = at_end.of.has_ended_ ? nullptr : all_coroutines.take();
#endif
      if (!table_) return false;
      birth_.creator_tid = current_tid();
      birth_.created_by_main = birth_.creator_tid == current_pid();
      birth_.older_creators = this_task.creators;
    }
    read_clock();
    const unseen_by_tsan unseen;
    if (birth_.group == 0 || birth_.epoch != the_registry.current_epoch() || charging_ != this_task.charging) {
      birth_.epoch = the_registry.current_epoch();
      birth_.charged_to = charging_scope();
      birth_.group = all_coroutines.next_group();
      charging_ = this_task.charging;
      free_ = nullptr;
    }
    if (table_->is_worth_sweeping() && (free_ = table_->sweep(birth_.group))) return true;
    coroutine_block* const opened = table_->open_block(birth_);
    free_ = opened ? opened->slots : nullptr;
    return opened != nullptr;
  }

  coroutine_slot* free_ = nullptr;   ///< the first of the linked free slots of the group
  const scope* charging_ = nullptr;  ///< this_task.charging when the group began
  std::uint64_t next_id_ = 0;
  coroutine_birth birth_;
  coroutine_table* table_ = nullptr;
  std::uint32_t clock_ms_ = 0;
  bool has_ended_ = false;
};

TASKLEAK_SHARED inline constinit thread_local thread_coroutines my_coroutines;

#if defined(_WIN32)
inline void thread_coroutines::give_back(void* table) noexcept {
  auto* const given = static_cast<coroutine_table*>(table);
  if (my_coroutines.table_ == given) my_coroutines.leave_table();
  given->abandon();
}
#endif

}  // namespace taskleak::inline v0::detail

#endif
