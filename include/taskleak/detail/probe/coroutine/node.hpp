// SPDX-License-Identifier: MIT
/// \file Defines the node that a tracked coroutine's promise holds.
#ifndef TASKLEAK_DETAIL_PROBE_COROUTINE_NODE_HPP
#define TASKLEAK_DETAIL_PROBE_COROUTINE_NODE_HPP

#include <taskleak/detail/probe/coroutine/stack_keeper.hpp>
#include <taskleak/detail/probe/coroutine/table.hpp>
#include <taskleak/detail/registry/coroutine_transfers.hpp>

#include <cstdint>
#include <source_location>

namespace taskleak::inline v0::detail {

enum class coroutine_state : unsigned char { created, running, suspended, finished };

/// Holds what is the same for every co_await of one kind of awaiter.
struct await_kind {
  const char* text;    ///< a text that has the type's name in it, see type_text()
  std::uint32_t size;  ///< the awaiter's size in bytes
  bool is_made_here;   ///< whether the co_await makes the awaiter; otherwise the awaiter is an object that was there before
  bool has_virtual;    ///< whether the awaiter begins with the address of its table of virtual functions
};

/// Holds what is known of a coroutine, in less than a cache line. A check may copy these data at any time.
struct coroutine_data {
  coroutine_slot* slot = nullptr;  ///< null: not tracked
  std::source_location place{};    ///< the place of the last co_await or co_yield
  const await_kind* awaited = nullptr;
  const void* awaiter = nullptr;      ///< null where it is not known
  std::uint64_t creation_first = 0;   ///< two addresses in 48 bits each: more bits user space does not have on x86-64 and,
  std::uint32_t creation_second = 0;  ///< unless a program asks for them, on AArch64
  std::uint32_t since_ms = 0;         ///< coarse_ms() when the coroutine got into its state
  std::uint32_t id_low = 0;
  std::uint8_t id_high = 0;
  coroutine_state state = coroutine_state::created;
  std::uint16_t words_from_frame = 0;  ///< the coroutine's frame begins so many words before this

  std::uint64_t id() const noexcept { return std::uint64_t{id_high} << 32 | id_low; }
  /// Returns the address at which the coroutine was created: in the ramp function, or where the ramp was inlined.
  std::uintptr_t creation_site() const noexcept { return creation_first & ((std::uint64_t{1} << 48) - 1); }
  /// Returns the return address of the function around creation_site().
  std::uintptr_t creation_caller() const noexcept { return std::uint64_t{creation_second} << 16 | creation_first >> 48; }
};
static_assert(sizeof(void*) != 8 || sizeof(coroutine_data) == 56);

/// Notes that the coroutine whose function this is inlined into may hand its thread on to another coroutine: at this place, null
/// where it is not known, or at its end. Does nothing where the function leaves the stack by that.
[[gnu::always_inline]] inline void note_transfer([[maybe_unused]] const void* coroutine, [[maybe_unused]] const void* place,
                                                 [[maybe_unused]] bool is_at_its_end) noexcept {
#if defined(TASKLEAK_TRANSFERS_STAY_ON_STACK)
  std::uintptr_t code = 0;
  asm("lea 0(%%rip), %0" : "=r"(code));
  my_transfers.add({reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)), code, place, coroutine, is_at_its_end});
#endif
}

/// Returns what a location points to, see await_place; null where that cannot be told.
inline const void* data_of(const std::source_location& place) noexcept {
  if constexpr (sizeof place == sizeof(const void*))
    return __builtin_bit_cast(const void*, place);
  else
    return nullptr;
}

/// Notes what a coroutine does. Whoever creates or runs the coroutine writes, without a lock or an atomic read-modify-write.
class coroutine_node : coroutine_data {
 public:
  /// Notes where the coroutine is created. The constructor is inlined into the ramp function, and with it into the ramp's caller;
  /// so its own place in the code, and the return address there, are the creation site.
  [[gnu::always_inline]] explicit coroutine_node(const void* frame) noexcept {
    if (!coroutines_are_tracked.load_relaxed()) return;
    const void* here = nullptr;
#if defined(__x86_64__)
    asm("lea 0(%%rip), %0" : "=r"(here));
#elif defined(__aarch64__)
    asm("adr %0, ." : "=r"(here));
#endif
    const std::uint64_t caller = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
    creation_first = reinterpret_cast<std::uintptr_t>(here) | caller << 48;
    creation_second = static_cast<std::uint32_t>(caller >> 16);
    enter(frame);
  }
  coroutine_node(const coroutine_node&) = delete;
  coroutine_node& operator=(const coroutine_node&) = delete;
  ~coroutine_node() {
    if (!slot) return;
    if (const stack_keeper* const keeper = the_stack_keeper.load_relaxed()) [[unlikely]]
      keeper->drop(id());
    my_coroutines.leave(*slot);
  }

  void run() noexcept { set(state, coroutine_state::running); }

  /// Notes the place of a co_await or co_yield, before it is known whether the coroutine will be suspended there.
  void come_to(std::source_location where) noexcept { place = where; }

  /// Notes the object that is awaited; null where it is not known.
  void awaits_at(const volatile void* object) noexcept { set(awaiter, const_cast<const void*>(object)); }
  std::source_location place_of_await() const noexcept { return place; }
  void* awaiter_address() const noexcept { return const_cast<void*>(awaiter); }

  void suspend(const await_kind& kind, const volatile void* object) noexcept {
    awaits_at(object);
    if (!slot) return;
    set(awaited, &kind);
    set(since_ms, my_coroutines.read_clock());
    set(state, coroutine_state::suspended);
  }

  void finish() noexcept {
    if (!slot) return;
    set(since_ms, my_coroutines.read_clock());
    set(state, coroutine_state::finished);
  }

 private:
  template <class T>
  static void set(T& field, T value) noexcept {
    __atomic_store(&field, &value, __ATOMIC_RELAXED);
  }

  // why: Clang puts a coroutine's frame into its caller's only if it has inlined the ramp function, which has to stay small for
  // that
#if defined(__clang__)
  [[gnu::noinline]]
#endif
  void
  enter(const void* frame) noexcept {
    std::uint64_t given = 0;
    slot = my_coroutines.enter(given);
    if (!slot) return;
    id_low = static_cast<std::uint32_t>(given);
    id_high = static_cast<std::uint8_t>(given >> 32);
    words_from_frame = static_cast<std::uint16_t>(
        (reinterpret_cast<std::uintptr_t>(this) - reinterpret_cast<std::uintptr_t>(frame)) / sizeof(void*));
    since_ms = my_coroutines.last_clock();
    if (const stack_keeper* const keeper = the_stack_keeper.load_relaxed()) [[unlikely]]
      keeper->keep(given);
    slot->store_release(reinterpret_cast<std::uintptr_t>(static_cast<coroutine_data*>(this)));
    my_coroutines.entered();
  }
};

}  // namespace taskleak::inline v0::detail

#endif
