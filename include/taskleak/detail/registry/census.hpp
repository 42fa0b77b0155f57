// SPDX-License-Identifier: MIT
/// \file Asks all kinds of tasks at once: how many there are, and whether any is younger than a moment.
#ifndef TASKLEAK_DETAIL_REGISTRY_CENSUS_HPP
#define TASKLEAK_DETAIL_REGISTRY_CENSUS_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/registry/registry.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace taskleak::inline v0::detail {

/// Answers for all tasks of one kind. A new kind of task is one more object of this type.
struct task_source {
  /// Looks for unannounced tasks; null for a kind whose tasks all announce their birth.
  void (*refresh)() = nullptr;
  /// Returns how many tasks were ever born; null for a kind whose births are not counted.
  std::uint64_t (*births)() = nullptr;
  /// Whether a task younger than the epoch is alive. May miss a task that a task of another kind creates meanwhile.
  bool (*has_younger_than)(std::uint64_t epoch) = nullptr;
  /// Returns the epoch of the youngest task that names a scope, alive or not long gone; 0 when there is none.
  std::uint64_t (*youngest)() = nullptr;
  std::size_t (*count)() = nullptr;
};

/// Holds all kinds of tasks that the process may have.
class census {
 public:
  constexpr explicit census(std::span<const task_source* const> sources) noexcept : sources_(sources) {}

  /// Whether no task younger than the epoch is alive. Costs a system call and a look at each list, however many older tasks
  /// there are.
  bool nothing_younger_than(std::uint64_t epoch) const {
    refresh();
    bool found = false;
    // a coroutine may have made a thread and ended, or a thread a coroutine
    const bool is_sure =
        look_between([this] { return births(); },
                     [&] {
                       found = found || detail::any_of(sources_.begin(), sources_.end(),
                                                       [=](const task_source* s) { return s->has_younger_than(epoch); });
                     });
    return is_sure && !found;
  }

  /// Returns a watermark: every task that is born from here on is younger.
  std::uint64_t take_watermark() const {
    refresh();
    return the_registry.close_epoch();
  }

  /// Returns how many tasks were ever born, of those kinds that are counted.
  std::uint64_t births() const {
    std::uint64_t sum = 0;
    for (const task_source* s : sources_)
      if (s->births) sum += s->births();
    return sum;
  }

  /// Returns the epoch of the youngest task that names a scope.
  std::uint64_t youngest() const {
    std::uint64_t found = 0;
    for (const task_source* s : sources_) found = std::max(found, s->youngest());
    return found;
  }

  std::size_t count() const {
    refresh();
    std::size_t sum = 0;
    for (const task_source* s : sources_) sum += s->count();
    return sum;
  }

 private:
  void refresh() const {
    for (const task_source* s : sources_)
      if (s->refresh) s->refresh();
  }

  std::span<const task_source* const> sources_;
};

}  // namespace taskleak::inline v0::detail

#endif
