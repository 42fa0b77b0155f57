// SPDX-License-Identifier: MIT
/// \file Keeps when coroutines were created and destroyed, where somebody asks for that.
#ifndef TASKLEAK_DETAIL_PROBE_COROUTINE_COROUTINE_LIVES_HPP
#define TASKLEAK_DETAIL_PROBE_COROUTINE_COROUTINE_LIVES_HPP

#include <taskleak/detail/platform/child_process.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/probe/coroutine/by_id.hpp>
#include <taskleak/detail/probe/coroutine/creation_stacks.hpp>
#include <taskleak/detail/probe/coroutine/stack_keeper.hpp>
#include <taskleak/detail/probe/life_log.hpp>
#include <taskleak/detail/registry/current.hpp>
#include <taskleak/detail/unwind/own_stack.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

namespace taskleak::inline v0::detail {

/// Holds the coroutines that are alive, each with what its life has so far. Constant-initialised and never destroyed.
class coroutine_lives {
 public:
  constexpr coroutine_lives() noexcept = default;

  void begin(std::uint64_t id) noexcept {
    if (is_forked_child()) return;
    auto* const made = new (std::nothrow) open_life;
    if (!made) return;
    made->id = made->life.id = id;
    made->life.kind = task_kind::coroutine;
    made->life.test = test_around(charging_scope());
    made->life.born_ns = now_ns();
    made->life.depth = static_cast<unsigned char>(capture_own_stack(made->life.made_at, task_life_record::most_frames));
    open_.add(*made);
  }

  void end(std::uint64_t id) noexcept {
    if (is_forked_child()) return;
    open_life* const found = open_.take(id);
    if (!found) return;
    found->life.ended_ns = now_ns();
    if (life_log* const log = the_life_log.load_acquire()) log->add(found->life);
    delete found;
  }

  /// Appends the lives of the coroutines that are alive.
  void append_alive(std::vector<task_life_record>& to) {
    std::size_t count = 0;
    open_.for_each([&](const open_life&) { ++count; });
    std::size_t at = to.size();
    to.resize(at + count);  // not under a lock: another coroutine may be created meanwhile, and is left out then
    open_.for_each([&](const open_life& l) {
      if (at < to.size()) to[at++] = l.life;
    });
    to.resize(at);
  }

 private:
  struct open_life {
    open_life* next = nullptr;
    std::uint64_t id = 0;
    task_life_record life;
  };

  nodes_by_id<open_life> open_;
};

TASKLEAK_SHARED inline constinit coroutine_lives lives_of_coroutines;

inline constexpr stack_keeper keeper_of_lives{
    [](std::uint64_t id) noexcept { lives_of_coroutines.begin(id); },
    [](std::uint64_t id) noexcept { lives_of_coroutines.end(id); },
};

inline constexpr stack_keeper keeper_of_lives_and_stacks{
    [](std::uint64_t id) noexcept {
      kept_creation_stacks.keep(id);
      lives_of_coroutines.begin(id);
    },
    [](std::uint64_t id) noexcept {
      kept_creation_stacks.drop(id);
      lives_of_coroutines.end(id);
    },
};

}  // namespace taskleak::inline v0::detail

#endif
