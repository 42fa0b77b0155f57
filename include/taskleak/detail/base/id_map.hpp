// SPDX-License-Identifier: MIT
/// \file Defines a hash map from numbers and addresses to objects.
///
/// std::unordered_map makes some seventy functions for each type of value. Of this map all that does not depend on that type is
/// compiled once; five functions remain.
#ifndef TASKLEAK_DETAIL_BASE_ID_MAP_HPP
#define TASKLEAK_DETAIL_BASE_ID_MAP_HPP

#include <taskleak/detail/base/hash_mix.hpp>
#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/base/own_block.hpp>

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// Links the objects of an id_map, which owns them.
class id_links {
 public:
  struct link {
    own_block_mark mark;
    link* next;
    std::uint64_t key;
  };

  bool empty() const noexcept { return count_ == 0; }

  link* find(std::uint64_t key) const noexcept {
    if (buckets_.empty()) return nullptr;
    link* at = buckets_[spread(key, bits_)];
    while (at && at->key != key) at = at->next;
    return at;
  }

  /// Links an object whose key is not there.
  void insert(link& made) {
    if (count_ >= buckets_.size()) grow();
    put(made);
    ++count_;
  }

  /// Returns all links, each with the next one, and forgets them.
  link* release() noexcept {
    link* all = nullptr;
    for (link*& bucket : buckets_)
      while (link* const first = bucket) {
        bucket = first->next;
        first->next = all;
        all = first;
      }
    count_ = 0;
    return all;
  }

 private:
  void put(link& made) noexcept {
    link*& bucket = buckets_[spread(made.key, bits_)];
    made.next = bucket;
    bucket = &made;
  }

  void grow() {
    const std::size_t count = count_;
    light_vector<link*> larger(std::size_t{1} << (bits_ + 2));
    link* all = release();
    buckets_.swap(larger);
    bits_ += 2;
    count_ = count;
    while (all) {
      link* const next = all->next;
      put(*all);
      all = next;
    }
  }

  light_vector<link*> buckets_;
  std::size_t count_ = 0;
  unsigned bits_ = 2;
};

/// Maps numbers to objects, which stay where they are until they are removed.
template <class T>
class id_map {
 public:
  id_map() = default;
  id_map(const id_map&) = delete;
  id_map& operator=(const id_map&) = delete;
  ~id_map() { clear(); }

  bool empty() const noexcept { return links_.empty(); }

  /// Returns the object of a key; null when there is none.
  T* find(std::uint64_t key) const noexcept {
    auto* const found = static_cast<node*>(links_.find(key));
    return found ? &found->object : nullptr;
  }

  /// Makes the object of a key that has none.
  template <class... Arguments>
  T& add(std::uint64_t key, Arguments&&... arguments) {
    auto* const made = new node{{{}, nullptr, key}, T(static_cast<Arguments&&>(arguments)...)};
    links_.insert(*made);
    return made->object;
  }

  /// Returns the object of a key, a new one where there is none.
  T& operator[](std::uint64_t key) {
    T* const known = find(key);
    return known ? *known : add(key);
  }

  void clear() noexcept {
    for (id_links::link* all = links_.release(); all;) {
      auto* const gone = static_cast<node*>(all);
      all = all->next;
      delete gone;
    }
  }

 private:
  struct node : id_links::link {
    T object;
  };

  id_links links_;
};

/// Returns the key that an id_map has for an address.
inline std::uint64_t key_of_address(const void* address) noexcept { return reinterpret_cast<std::uintptr_t>(address); }

}  // namespace taskleak::inline v0::detail

#endif
