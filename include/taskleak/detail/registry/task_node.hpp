// SPDX-License-Identifier: MIT
/// \file The part of a task that the registry links: it lives in the coroutine's promise or beside the thread.
#ifndef TASKLEAK_DETAIL_REGISTRY_TASK_NODE_HPP
#define TASKLEAK_DETAIL_REGISTRY_TASK_NODE_HPP

#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/registry/scope.hpp>

#include <cstdint>

namespace taskleak::inline v0::detail {

/// Linked and unlinked under its shard's lock; the other fields are set before it is linked and constant from then on.
struct task_node {
  task_node* newer = nullptr;
  task_node* older = nullptr;
  std::uint64_t epoch = 0;   ///< the global epoch at birth: not greater than a later snapshot's watermark
  std::uint64_t serial = 0;  ///< unique in the process, growing within a shard
  scope* charged_to = nullptr;
  unsigned char shard = 0;
  /// A check has dealt with it: reported, or ignored by a rule. It is never looked at by a later check.
  light_atomic<bool> settled{false};
};

}  // namespace taskleak::inline v0::detail

#endif
