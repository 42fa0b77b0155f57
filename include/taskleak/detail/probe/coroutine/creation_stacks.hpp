// SPDX-License-Identifier: MIT
/// \file Keeps the whole stacks that created coroutines, on request: TASKLEAK_OPTIONS=coroutine_stacks=1.
#ifndef TASKLEAK_DETAIL_PROBE_COROUTINE_CREATION_STACKS_HPP
#define TASKLEAK_DETAIL_PROBE_COROUTINE_CREATION_STACKS_HPP

#include <taskleak/detail/platform/child_process.hpp>
#include <taskleak/detail/probe/coroutine/by_id.hpp>
#include <taskleak/detail/probe/coroutine/stack_keeper.hpp>
#include <taskleak/detail/registry/sampling.hpp>
#include <taskleak/detail/unwind/own_stack.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

namespace taskleak::inline v0::detail {

/// Finds the creation stack of a coroutine by its id. Constant-initialised and never destroyed: coroutines outlive static
/// objects.
class creation_stacks {
 public:
  constexpr creation_stacks() noexcept = default;

  /// Keeps the calling thread's stack for this coroutine. Without memory the coroutine has its creation site only.
  void keep(std::uint64_t id) noexcept {
    if (is_forked_child() || !is_sampled(id)) return;
    auto* const made = new (std::nothrow) kept_stack;
    if (!made) return;
    made->id = id;
    made->depth = capture_own_stack(made->addresses, kept_stack::longest);
    stacks_.add(*made);
  }

  void drop(std::uint64_t id) noexcept {
    if (is_forked_child() || !is_sampled(id)) return;
    delete stacks_.take(id);
  }

  /// Returns return addresses, innermost first; none for a coroutine that is gone, or was made when no stacks were kept.
  std::vector<std::uintptr_t> find(std::uint64_t id) {
    std::vector<std::uintptr_t> addresses(kept_stack::longest);
    std::size_t depth = 0;
    stacks_.with(id, [&](const kept_stack& s) {
      for (; depth < s.depth; ++depth) addresses[depth] = reinterpret_cast<std::uintptr_t>(s.addresses[depth]);
    });
    addresses.resize(depth);
    return addresses;
  }

 private:
  struct kept_stack {
    static constexpr std::size_t longest = 48;
    kept_stack* next = nullptr;
    std::uint64_t id = 0;
    std::size_t depth = 0;
    const void* addresses[longest];
  };

  nodes_by_id<kept_stack> stacks_;
};

TASKLEAK_SHARED inline constinit creation_stacks kept_creation_stacks;

inline constexpr stack_keeper keeper_of_creation_stacks{
    [](std::uint64_t id) noexcept { kept_creation_stacks.keep(id); },
    [](std::uint64_t id) noexcept { kept_creation_stacks.drop(id); },
};

}  // namespace taskleak::inline v0::detail

#endif
