// SPDX-License-Identifier: MIT
/// \file Defines the part of a thread's record that the registry links.
#ifndef TASKLEAK_DETAIL_REGISTRY_TASK_NODE_HPP
#define TASKLEAK_DETAIL_REGISTRY_TASK_NODE_HPP

#include <taskleak/detail/base/light_atomic.hpp>
#include <taskleak/detail/registry/scope.hpp>

#include <cstdint>

namespace taskleak::inline v0::detail {

/// Links a task into the registry. The links change under the shard's lock; the other fields are set before the node is linked,
/// and constant from then on.
struct task_node {
  task_node* newer = nullptr;
  task_node* older = nullptr;
  std::uint64_t epoch = 0;   ///< the global epoch at birth: not greater than a later snapshot's watermark
  std::uint64_t serial = 0;  ///< unique in the process, growing within a shard
  scope* charged_to = nullptr;
  unsigned char shard = 0;
  /// Whether a check has reported the task, or ignored it by a rule: no later check looks at the task.
  light_atomic<bool> settled{false};
};

}  // namespace taskleak::inline v0::detail

#endif
