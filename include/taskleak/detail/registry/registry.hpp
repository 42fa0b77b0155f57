// SPDX-License-Identifier: MIT
/// \file The process-wide record of every live task: sharded lists, newest first.
#ifndef TASKLEAK_DETAIL_REGISTRY_REGISTRY_HPP
#define TASKLEAK_DETAIL_REGISTRY_REGISTRY_HPP

#include <taskleak/detail/base/config.hpp>
#include <taskleak/detail/base/spinlock.hpp>
#include <taskleak/detail/registry/task_node.hpp>

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// One list of live tasks. A node is linked at the front with the epoch read under the lock, so epochs never grow towards
/// the back: whoever looks for tasks younger than an epoch stops at the first older one, however many lie behind it.
struct alignas(64) shard {
  spinlock lock;
  light_atomic<std::uint64_t> last_serial{0};  ///< how many nodes were ever linked: read without the lock
  task_node* newest = nullptr;
  light_atomic<std::size_t> size{0};
  light_atomic<std::uint64_t> newest_epoch{0};  ///< of `newest`, 0 when there is none: read without the lock
};

/// Takes a look that goes from place to place again while tasks are born, by the number of births that `births()` returns: one
/// that is looked at late may have left a successor where was looked before. False when births did not cease.
template <class Births, class Look>
bool look_between(Births&& births, Look&& look) {
  for (int tries = 0; tries < 16; ++tries) {
    const std::uint64_t before = births();
    look();
    if (births() == before) return true;
  }
  return false;
}

/// The registry. Constant-initialised and never destroyed: tasks are born before main() and outlive it.
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
    // last: a birth that look_between_births() has counted before its look has to be seen by the look
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
  }

  /// Starts a new epoch and returns the one before it: every task born so far has at most that one.
  std::uint64_t close_epoch() noexcept { return epoch_.fetch_add(1); }

  /// The epoch of a task that would be born now.
  std::uint64_t current_epoch() const noexcept { return epoch_.load_acquire(); }

  /// How many tasks were ever born.
  std::uint64_t births() const noexcept {
    std::uint64_t sum = 0;
    for (const shard& s : shards_) sum += s.last_serial.load_acquire();
    return sum;
  }

  /// A look from shard to shard, see look_between().
  template <class Look>
  bool look_between_births(Look&& look) const {
    return look_between([this] { return births(); }, look);
  }

  /// Whether a task younger than the epoch is alive: O(shards).
  bool has_younger_than(std::uint64_t epoch) const noexcept {
    bool found = false;
    const bool is_sure = look_between_births([&] { found = seems_to_have_younger_than(epoch); });
    return found || !is_sure;  // what is born now is younger
  }

  /// One look for has_younger_than(), which may miss a task that is born meanwhile.
  bool seems_to_have_younger_than(std::uint64_t epoch) const noexcept {
    for (const shard& s : shards_)
      if (s.newest_epoch.load_acquire() > epoch) return true;
    return false;
  }

  /// The epoch of the youngest task that is alive, or of one that was when the look began; 0 when there is none.
  std::uint64_t youngest() const noexcept {
    std::uint64_t found = 0;
    const bool is_sure = look_between_births([&] {
      for (const shard& s : shards_)
        if (const std::uint64_t epoch = s.newest_epoch.load_acquire(); epoch > found) found = epoch;
    });
    return is_sure ? found : current_epoch();
  }

  std::size_t size() const noexcept {
    std::size_t sum = 0;
    for (const shard& s : shards_) sum += s.size.load_relaxed();
    return sum;
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

  /// Calls `visit(node)` for each task, as for_each_younger_than() does, but leaves out the shards whose locks are not to be had:
  /// for a signal handler, which may have interrupted the holder of one. False when it left any out.
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

  /// All births and deaths of threads stand still between the two.
  void lock_all() noexcept {
    for (shard& s : shards_) s.lock.lock();
  }
  void unlock_all() noexcept {
    for (shard& s : shards_) s.lock.unlock();
  }

 private:
  shard shards_[shard_count];
  alignas(64) light_atomic<std::uint64_t> epoch_{1};
};

TASKLEAK_SHARED inline constinit registry the_registry;

}  // namespace taskleak::inline v0::detail

#endif
