// SPDX-License-Identifier: MIT
/// \file Records every live thread of the process that was announced, in sharded lists, newest first.
#ifndef TASKLEAK_DETAIL_REGISTRY_REGISTRY_HPP
#define TASKLEAK_DETAIL_REGISTRY_REGISTRY_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/spinlock.hpp>
#include <taskleak/detail/registry/task_node.hpp>

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// Holds one list of live tasks. A node is linked at the front with the epoch read under the lock, so epochs never grow towards
/// the back: a search for tasks younger than an epoch stops at the first older task, however many lie behind it.
struct alignas(64) shard {
  spinlock lock;
  light_atomic<std::uint64_t> last_serial{0};  ///< how many nodes were ever linked: read without the lock
  task_node* newest = nullptr;
  light_atomic<std::size_t> size{0};
  light_atomic<std::uint64_t> newest_epoch{0};  ///< the epoch of `newest`, 0 for an empty list: read without the lock
};

/// Repeats a look that goes from list to list until no task was born during it, by the number that `births()` returns: a task
/// may leave a successor in a list that the look has passed, and end. Returns false if births did not cease.
template <class Births, class Look>
bool look_between(Births&& births, Look&& look) {
  for (int tries = 0; tries < 16; ++tries) {
    const std::uint64_t before = births();
    look();
    if (births() == before) return true;
  }
  return false;
}

/// Lists all live tasks. Constant-initialised and never destroyed: tasks are born before main() and outlive main().
class registry {
 public:
  static constexpr std::size_t shard_count = 32;

  constexpr registry() noexcept = default;

  /// Links a node into a shard that the calling thread usually has to itself.
  void add(task_node& node, unsigned hint) noexcept {
    node.shard = static_cast<unsigned char>(hint % shard_count);
    shard& s = shards_[node.shard];
    spin_guard guard(s.lock);
    node.epoch = epoch_.load_acquire();
    const std::uint64_t serial = s.last_serial.load_relaxed() + 1;
    node.serial = serial * shard_count + node.shard;
    node.older = s.newest;
    node.newer = nullptr;
    if (s.newest) s.newest->newer = &node;
    s.newest = &node;
    s.newest_epoch.store_release(node.epoch);
    if (is_of_taskleak(node.charged_to)) [[unlikely]] {
      own_born_.fetch_add(1);  // first, so that births_of_program() is never greater than it will be
      own_alive_.fetch_add(1);
    }
    // last, since a look must see each birth that look_between_births() has counted before the look
    s.last_serial.store_release(serial);
    s.size.store_relaxed(s.size.load_relaxed() + 1);
  }

  void remove(task_node& node) noexcept {
    shard& s = shards_[node.shard];
    spin_guard guard(s.lock);
    (node.newer ? node.newer->older : s.newest) = node.older;
    if (node.older) node.older->newer = node.newer;
    s.newest_epoch.store_release(s.newest ? s.newest->epoch : 0);
    s.size.store_relaxed(s.size.load_relaxed() - 1);
    if (is_of_taskleak(node.charged_to)) [[unlikely]]
      own_alive_.fetch_sub(1);
  }

  /// Starts a new epoch and returns the epoch before it, which no task born so far exceeds.
  std::uint64_t close_epoch() noexcept { return epoch_.fetch_add(1); }

  /// Returns the epoch of a task that would be born now.
  std::uint64_t current_epoch() const noexcept { return epoch_.load_acquire(); }

  /// Returns how many tasks were ever born, taskleak's own among them.
  std::uint64_t births() const noexcept {
    std::uint64_t sum = 0;
    for (const shard& s : shards_) sum += s.last_serial.load_acquire();
    return sum;
  }

  /// Looks from shard to shard, see look_between().
  template <class Look>
  bool look_between_births(Look&& look) const {
    return look_between([this] { return births(); }, look);
  }

  /// Whether a task younger than the epoch is alive. Takes O(shards).
  bool has_younger_than(std::uint64_t epoch) const noexcept {
    bool found = false;
    const bool is_sure = look_between_births([&] { found = seems_to_have_younger_than(epoch); });
    return found || !is_sure;  // a task that is being born is younger
  }

  /// Looks once for has_younger_than(); may miss a task that is born meanwhile.
  bool seems_to_have_younger_than(std::uint64_t epoch) const noexcept {
    for (const shard& s : shards_)
      if (s.newest_epoch.load_acquire() > epoch) return true;
    return false;
  }

  /// Returns the epoch of the youngest live task, or of one that was alive when the look began; 0 when there is none.
  std::uint64_t youngest() const noexcept {
    std::uint64_t found = 0;
    const bool is_sure = look_between_births([&] {
      for (const shard& s : shards_)
        if (const std::uint64_t epoch = s.newest_epoch.load_acquire(); epoch > found) found = epoch;
    });
    return is_sure ? found : current_epoch();
  }

  /// Returns how many tasks are alive but for taskleak's own.
  std::size_t size() const noexcept {
    const std::size_t own = own_alive_.load_relaxed();
    std::size_t sum = 0;
    for (const shard& s : shards_) sum += s.size.load_relaxed();
    return sum - (own < sum ? own : sum);
  }

  /// Returns how many tasks of the program were ever born; less for a moment while one of taskleak's own is born.
  std::uint64_t births_of_program() const noexcept {
    const std::uint64_t all = births();
    const std::uint64_t own = own_born_.load_acquire();
    return all - (own < all ? own : all);
  }

  /// Calls `visit(node)` for each task younger than the epoch, under its shard's lock: it must neither block nor allocate.
  template <class Visit>
  void for_each_younger_than(std::uint64_t epoch, Visit&& visit) noexcept {
    for (shard& s : shards_) {
      if (s.newest_epoch.load_acquire() <= epoch) continue;
      spin_guard guard(s.lock);
      for (task_node* node = s.newest; node && node->epoch > epoch; node = node->older) visit(*node);
    }
  }

  /// Calls `visit(node)` for each task, as for_each_younger_than() does, but skips shards whose lock is held, for a signal
  /// handler that may have interrupted the holder. Returns false if a shard was skipped.
  template <class Visit>
  bool try_for_each(Visit&& visit) noexcept {
    bool all = true;
    for (shard& s : shards_) {
      const unseen_by_tsan unseen;
      if (!s.lock.try_lock()) {
        all = false;
        continue;
      }
      for (task_node* node = s.newest; node; node = node->older) visit(*node);
      s.lock.unlock();
    }
    return all;
  }

  /// Stops all births and deaths of threads until unlock_all().
  void lock_all() noexcept {
    for (shard& s : shards_) s.lock.lock();
  }
  void unlock_all() noexcept {
    for (shard& s : shards_) s.lock.unlock();
  }

 private:
  shard shards_[shard_count];
  alignas(64) light_atomic<std::uint64_t> epoch_{1};
  light_atomic<std::size_t> own_alive_{0};  ///< of taskleak's own tasks
  light_atomic<std::uint64_t> own_born_{0};
};

TASKLEAK_SHARED inline constinit registry the_registry;

}  // namespace taskleak::inline v0::detail

#endif
