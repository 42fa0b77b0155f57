// SPDX-License-Identifier: MIT
/// \file Keeps what is known of coroutines in addition, and finds it by a coroutine's id.
#ifndef TASKLEAK_DETAIL_PROBE_COROUTINE_BY_ID_HPP
#define TASKLEAK_DETAIL_PROBE_COROUTINE_BY_ID_HPP

#include <taskleak/detail/base/spinlock.hpp>

#include <cstddef>
#include <cstdint>

namespace taskleak::inline v0::detail {

/// Is a table of nodes, which have an `id` and a `next`. Constant-initialised and never destroyed: coroutines outlive static
/// objects. Allocates and frees nothing.
template <class Node>
class nodes_by_id {
 public:
  constexpr nodes_by_id() noexcept = default;

  void add(Node& made) noexcept {
    bucket& b = bucket_of(made.id);
    const spin_guard guard(b.lock);
    made.next = b.first;
    b.first = &made;
  }

  /// Takes the node out of the table; returns null if there is none.
  Node* take(std::uint64_t id) noexcept {
    bucket& b = bucket_of(id);
    const spin_guard guard(b.lock);
    for (Node** link = &b.first; *link; link = &(*link)->next) {
      Node* const found = *link;
      if (found->id != id) continue;
      *link = found->next;
      return found;
    }
    return nullptr;
  }

  /// Calls `visit(node)` with the node of this id, if there is one, under a lock.
  template <class Visit>
  void with(std::uint64_t id, Visit&& visit) {
    bucket& b = bucket_of(id);
    const spin_guard guard(b.lock);
    for (const Node* n = b.first; n; n = n->next)
      if (n->id == id) visit(*n);
  }

  /// Calls `visit(node)` with each node, under a lock.
  template <class Visit>
  void for_each(Visit&& visit) {
    for (bucket& b : buckets_) {
      const spin_guard guard(b.lock);
      for (const Node* n = b.first; n; n = n->next) visit(*n);
    }
  }

 private:
  struct bucket {
    spinlock lock;
    Node* first = nullptr;
  };

  bucket& bucket_of(std::uint64_t id) noexcept { return buckets_[id % bucket_count]; }

  static constexpr std::size_t bucket_count = 4096;
  bucket buckets_[bucket_count];
};

}  // namespace taskleak::inline v0::detail

#endif
