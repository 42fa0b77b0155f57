// SPDX-License-Identifier: MIT
/// \file Defines the few atomic operations that the registry needs, without <atomic>, which costs a file 265 ms.
#ifndef TASKLEAK_DETAIL_BASE_LIGHT_ATOMIC_HPP
#define TASKLEAK_DETAIL_BASE_LIGHT_ATOMIC_HPP

#include <taskleak/detail/base/unseen_by_tsan.hpp>

namespace taskleak::inline v0::detail {

/// Holds an atomic integer, enum or pointer, by built-ins that GCC, Clang and ICX share. ThreadSanitizer sees no order between
/// threads in these operations.
template <class T>
class light_atomic {
 public:
  constexpr light_atomic() noexcept = default;
  constexpr light_atomic(T initial) noexcept : value_(initial) {}
  light_atomic(const light_atomic&) = delete;
  light_atomic& operator=(const light_atomic&) = delete;

  T load_relaxed() const noexcept { return load_in<__ATOMIC_RELAXED>(); }
  T load_acquire() const noexcept {
    const unseen_by_tsan unseen;
    return load_in<__ATOMIC_ACQUIRE>();
  }
  T load() const noexcept {
    const unseen_by_tsan unseen;
    return load_in<__ATOMIC_SEQ_CST>();
  }
  void store_relaxed(T v) noexcept { __atomic_store(&value_, &v, __ATOMIC_RELAXED); }
  void store_release(T v) noexcept {
    const unseen_by_tsan unseen;
    __atomic_store(&value_, &v, __ATOMIC_RELEASE);
  }
  void store(T v) noexcept {
    const unseen_by_tsan unseen;
    __atomic_store(&value_, &v, __ATOMIC_SEQ_CST);
  }
  T exchange(T v) noexcept {
    const unseen_by_tsan unseen;
    T before;
    __atomic_exchange(&value_, &v, &before, __ATOMIC_ACQ_REL);
    return before;
  }
  T fetch_add(T v) noexcept {
    const unseen_by_tsan unseen;
    return __atomic_fetch_add(&value_, v, __ATOMIC_ACQ_REL);
  }
  T fetch_sub(T v) noexcept {
    const unseen_by_tsan unseen;
    return __atomic_fetch_sub(&value_, v, __ATOMIC_ACQ_REL);
  }
  T fetch_or(T v) noexcept {
    const unseen_by_tsan unseen;
    return __atomic_fetch_or(&value_, v, __ATOMIC_ACQ_REL);
  }
  bool compare_exchange(T& expected, T desired) noexcept {
    const unseen_by_tsan unseen;
    return __atomic_compare_exchange(&value_, &expected, &desired, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
  }

  /// Returns the address of the word, for system calls such as futex(2).
  T* address() noexcept { return &value_; }

 private:
  // why: the forms of the built-ins that take the value itself take no enum in Clang
  template <int order>
  T load_in() const noexcept {
    T v;
    __atomic_load(&value_, &v, order);
    return v;
  }

  T value_{};
};

}  // namespace taskleak::inline v0::detail

#endif
