// SPDX-License-Identifier: MIT
/// \file Remembers at which co_await a coroutine has handed its thread on to another coroutine, as long as its function is on the
/// stack.
///
/// A handle that await_suspend() returns is resumed by a tail call, which leaves nothing on the stack. But without optimisation
/// GCC makes it an ordinary call, one for all co_awaits of the coroutine, with the line of the coroutine's head (build_actor_fn()
/// in gcc/cp/coroutines.cc). So which co_await it was is in no debug information.
#ifndef TASKLEAK_DETAIL_REGISTRY_COROUTINE_TRANSFERS_HPP
#define TASKLEAK_DETAIL_REGISTRY_COROUTINE_TRANSFERS_HPP

#include <taskleak/detail/base/config.hpp>

#include <cstdint>

// Whether a coroutine's function stays on the stack when it hands its thread on.
#if defined(__GNUC__) && !defined(__clang__) && !defined(__OPTIMIZE__) && defined(__x86_64__)
#define TASKLEAK_TRANSFERS_STAY_ON_STACK 1
#endif

namespace taskleak::inline v0::detail {

struct coroutine_transfer {
  std::uintptr_t frame = 0;     ///< the frame pointer of the coroutine's function
  std::uintptr_t code = 0;      ///< an address in that function
  const void* place = nullptr;  ///< what a std::source_location points to; null where it is not known
  const void* coroutine = nullptr;
  bool is_over = false;  ///< whether the coroutine has ended, or has gone on since and handed the thread on once more
};

/// Holds the innermost transfers of one thread. Those whose functions have been left are there until the next one.
class coroutine_transfers {
 public:
  constexpr coroutine_transfers() noexcept = default;

  void add(const coroutine_transfer& newest) noexcept {
    while (count_ > 0 && transfers_[last_].frame <= newest.frame) drop_last();
    for (coroutine_transfer& older : transfers_) older.is_over = older.is_over || older.coroutine == newest.coroutine;
    last_ = (last_ + 1) % most;
    count_ = count_ < most ? count_ + 1 : most;
    transfers_[last_] = newest;
  }

  /// Goes through the transfers from the innermost outwards, as a walk over the stack does.
  class cursor {
   public:
    explicit cursor(const coroutine_transfers& of) noexcept : of_(of), at_(of.last_ % most), left_(of.count_) {}

    /// Returns the transfer of the function that has this frame pointer; null where there is none. Each frame is to be further
    /// out than the one before.
    const coroutine_transfer* find(std::uintptr_t frame) noexcept {
      while (left_ > 0 && of_.transfers_[at_].frame < frame) {
        at_ = (at_ + most - 1) % most;
        --left_;
      }
      return left_ > 0 && of_.transfers_[at_].frame == frame ? &of_.transfers_[at_] : nullptr;
    }

   private:
    const coroutine_transfers& of_;
    unsigned at_;
    unsigned left_;
  };

 private:
  static constexpr unsigned most = 16;

  void drop_last() noexcept {
    last_ = (last_ + most - 1) % most;
    --count_;
  }

  coroutine_transfer transfers_[most];
  unsigned last_ = 0;
  unsigned count_ = 0;
};

TASKLEAK_SHARED inline constinit thread_local coroutine_transfers my_transfers;

/// Marks an entry in a list of return addresses: it is none, but tells of the transfer that the call before may be. No address
/// has that bit.
inline constexpr std::uint64_t transfer_mark = std::uint64_t{1} << 63;

/// Returns the entry for a transfer, with the place, and whether it is over.
inline std::uint64_t entry_of(const coroutine_transfer& t) noexcept {
  return reinterpret_cast<std::uintptr_t>(t.place) | transfer_mark | (t.is_over ? 1U : 0U);
}
/// Returns of a transfer what its entry holds.
inline coroutine_transfer transfer_of_entry(std::uint64_t entry) noexcept {
  return {.place = reinterpret_cast<const void*>(entry & ~transfer_mark & ~std::uint64_t{1}), .is_over = (entry & 1) != 0};
}

}  // namespace taskleak::inline v0::detail

#endif
