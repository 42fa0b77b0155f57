// SPDX-License-Identifier: MIT
/// \file Lets a part of taskleak make threads that no check is about.
#ifndef TASKLEAK_DETAIL_REGISTRY_OWN_TASKS_SCOPE_HPP
#define TASKLEAK_DETAIL_REGISTRY_OWN_TASKS_SCOPE_HPP

#include <taskleak/detail/registry/current.hpp>
#include <taskleak/detail/registry/scope.hpp>

#include <utility>

namespace taskleak::inline v0::detail {

/// Makes what the calling thread creates taskleak's own, while this object lives: threads and coroutines, and all that they
/// create.
class creates_own_tasks {
 public:
  creates_own_tasks() noexcept : before_(std::exchange(this_task.charging, &scope_of_taskleak)) {}
  ~creates_own_tasks() { this_task.charging = before_; }
  creates_own_tasks(const creates_own_tasks&) = delete;
  creates_own_tasks& operator=(const creates_own_tasks&) = delete;

 private:
  scope* before_;
};

}  // namespace taskleak::inline v0::detail

#endif
