// SPDX-License-Identifier: MIT
/// \file Who awaits whom, from the pointers that coroutines have to one another.
///
/// Nothing is noted when a coroutine awaits another: what the one holds of the other is looked for when there is something to
/// report. A coroutine awaits the one whose frame its awaiter points to, or the one whose promise points to it: to its frame, as
/// a continuation does, or to its awaiter, as those of when_all() and other counters do. The first is the stronger sign: who
/// holds what it awaits awaits nothing else, and what another promise has of it is left from an earlier use of that memory.
#ifndef TASKLEAK_DETAIL_INSPECT_AWAIT_GRAPH_HPP
#define TASKLEAK_DETAIL_INSPECT_AWAIT_GRAPH_HPP

#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/platform/mapped_memory.hpp>
#include <taskleak/detail/probe/coroutine/live_coroutine.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

class await_graph {
 public:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  await_graph() = default;
  explicit await_graph(std::vector<live_coroutine> all) : own_(std::move(all)), all_(own_) { build(); }
  /// Of coroutines, by their ids, that live as long as this.
  explicit await_graph(const std::vector<live_coroutine>* all) : all_(*all) { build(); }
  await_graph(const await_graph&) = delete;
  await_graph& operator=(const await_graph&) = delete;

  const std::vector<live_coroutine>& coroutines() const noexcept { return all_; }

  /// The index of a coroutine by its id; `none` when it has come since. Who goes through many in their order passes where to look
  /// first.
  std::size_t find(std::uint64_t id, std::size_t first_look = 0) const noexcept {
    if (first_look < all_.size() && all_[first_look].id() == id) return first_look;
    const auto at =
        std::lower_bound(all_.begin(), all_.end(), id, [](const live_coroutine& c, std::uint64_t i) { return c.id() < i; });
    return at != all_.end() && at->id() == id ? static_cast<std::size_t>(at - all_.begin()) : none;
  }

  /// By the ABI that GCC and Clang share, a frame begins with the addresses of the coroutine's resume function, which is 0 at the
  /// final suspension, and of its destroy function. Both are 0 where it could not be read.
  struct frame_head {
    std::uintptr_t resume = 0;
    std::uintptr_t destroy = 0;
  };
  const frame_head& head_of(std::size_t index) const noexcept { return heads_[index]; }

  bool is_at_its_end(std::size_t index) const noexcept { return heads_[index].resume == 0 && heads_[index].destroy != 0; }

  /// The coroutine that awaits this one.
  std::size_t parent_of(std::size_t index) const noexcept { return parents_[index]; }
  /// One that this one awaits.
  std::size_t child_of(std::size_t index) const noexcept { return children_[index]; }

  /// Pairs of a coroutine whose promise points to the frame of another, and that other: it awaits it, is to go on when it ends,
  /// or has started it.
  const std::vector<std::pair<std::size_t, std::size_t>>& frames_in_promises() const noexcept { return frames_in_promises_; }

  /// The address of what this one awaits: of its awaiter, or, if the co_await has made that, of the first thing outside of
  /// coroutines that the awaiter refers to. 0 when there is nothing, or another coroutine, and when that is not known.
  std::uintptr_t object_of(std::size_t index) const noexcept { return objects_[index]; }

  /// The coroutine, the one that awaits it, the one that awaits that, and so on.
  std::vector<std::size_t> chain_of(std::size_t index) const {
    std::vector<std::size_t> chain;
    while (index != none && chain.size() < longest_chain && std::find(chain.begin(), chain.end(), index) == chain.end()) {
      chain.push_back(index);
      index = parents_[index];
    }
    return chain;
  }

  /// The coroutine that a thread waits for: its promise or awaiter points into the thread's stack, or the stack points to it.
  /// Of several the outermost.
  std::size_t awaited_from_stack(std::uintptr_t from, std::uintptr_t to) const {
    std::size_t found = none;
    std::uintptr_t outermost = from;
    for (const pointer& p : leaving_)
      if (p.to >= outermost && p.to < to && parents_[p.owner] == none) {
        outermost = p.to;
        found = p.owner;
      }
    if (found != none) return found;
    std::vector<std::uintptr_t> words((to - from) / sizeof(std::uintptr_t));
    words.resize(copy_memory(from, words.data(), words.size() * sizeof(std::uintptr_t)) / sizeof(std::uintptr_t));
    for (const std::uintptr_t word : words)
      if (const std::size_t hit = owner_of(word); hit != none && all_[hit].frame() == word && parents_[hit] == none) found = hit;
    return found;
  }

 private:
  void build() {
    heads_.resize(all_.size());
    parents_.resize(all_.size(), none);
    children_.resize(all_.size(), none);
    holds_child_.resize(all_.size());
    objects_.resize(all_.size());
    list_ranges();
    read_pointers();
  }

  static constexpr std::size_t longest_chain = 64;
  static constexpr std::uint32_t longest_awaiter = 256;

  /// Memory that belongs to a coroutine: its frame up to the end of its promise, or its awaiter.
  struct range {
    std::uintptr_t from;
    std::uintptr_t to;
    std::size_t owner;
  };
  static constexpr std::size_t words_of_head = sizeof(frame_head) / sizeof(std::uintptr_t);

  struct pointer {
    std::uintptr_t to;
    std::size_t owner;
  };

  void list_ranges() {
    ranges_.reserve(2 * all_.size());
    for (std::size_t i = 0; i < all_.size(); ++i) {
      ranges_.push_back({all_[i].frame(), all_[i].end_of_promise(), i});
      const std::uintptr_t awaiter = all_[i].awaiter();
      if (awaiter == 0) continue;
      const await_kind& kind = kind_of(i);
      if (kind.text && !kind.is_made_here) objects_[i] = awaiter;
      if (kind.size >= sizeof(std::uintptr_t)) ranges_.push_back({awaiter, awaiter + kind.size, i});
    }
    std::sort(ranges_.begin(), ranges_.end(), [](const range& a, const range& b) { return a.from < b.from; });
    leave_out_shared_awaiters();
    starts_.reserve(ranges_.size());
    for (const range& r : ranges_) starts_.push_back(r.from);
  }

  /// An event that is awaited by its own name is the awaiter of all that wait for it, and belongs to none of them.
  void leave_out_shared_awaiters() {
    auto kept = ranges_.begin();
    for (auto at = ranges_.begin(); at != ranges_.end();) {
      const auto next = std::find_if(at, ranges_.end(), [&](const range& r) { return r.from != at->from; });
      if (next - at == 1) *kept++ = *at;
      at = next;
    }
    ranges_.erase(kept, ranges_.end());
  }

  const await_kind& kind_of(std::size_t i) {
    const await_kind* const key = all_[i].data.awaited;
    if (last_kind_ && last_key_ == key) return *last_kind_;
    const auto [known, is_new] = kinds_.try_emplace(key);
    await_kind kind{};
    // the type's library may have been unloaded
    if (is_new && copy_value(reinterpret_cast<std::uintptr_t>(key), kind)) known->second = kind;
    known->second.size = std::min<std::uint32_t>(known->second.size, longest_awaiter);
    last_key_ = key;
    last_kind_ = &known->second;
    return *last_kind_;
  }

  std::size_t owner_of(std::uintptr_t address) const noexcept {
    // most of what looks like a pointer points elsewhere
    if (starts_.empty() || address < starts_.front() || address >= ranges_.back().to) return none;
    const auto after = std::upper_bound(starts_.begin(), starts_.end(), address);
    const range& r = ranges_[static_cast<std::size_t>(after - starts_.begin()) - 1];
    return address < r.to ? r.owner : none;
  }

  bool is_suspended(std::size_t i) const noexcept { return all_[i].data.state == coroutine_state::suspended; }

  bool is_in_frame(std::uintptr_t address, std::size_t i) const noexcept {
    return address >= all_[i].frame() && address < all_[i].end_of_promise();
  }

  bool is_promise(const range& r) const noexcept { return r.from == all_[r.owner].frame(); }

  /// How many words of a range may be pointers: what is behind a promise's own words is the same for each coroutine.
  std::size_t words_in(const range& r) const noexcept {
    return ((is_promise(r) ? all_[r.owner].address : r.to) - r.from) / sizeof(std::uintptr_t);
  }

  void read_pointers() {
    constexpr std::size_t at_once = 8192;
    std::vector<std::uintptr_t> words;
    std::vector<memory_piece> pieces;
    for (std::size_t first = 0; first < ranges_.size(); first += at_once) {
      const std::size_t end = std::min(first + at_once, ranges_.size());
      std::size_t total = 0;
      for (std::size_t i = first; i < end; ++i) total += words_in(ranges_[i]);
      words.resize(total);
      pieces.clear();
      std::uintptr_t* room = words.data();
      for (std::size_t i = first; i < end; ++i) {
        const std::size_t count = words_in(ranges_[i]);
        pieces.push_back({ranges_[i].from, room, count * sizeof(std::uintptr_t)});
        room += count;
      }
      copy_pieces(pieces);
      for (std::size_t i = first; i < end; ++i)
        if (const memory_piece& p = pieces[i - first]; p.copied)
          note_words(ranges_[i], static_cast<const std::uintptr_t*>(p.to), p.bytes / sizeof(std::uintptr_t));
    }
    for (const auto& [child, parent] : held_by_promises_) note_parent(child, parent);
  }

  void note_words(const range& from, const std::uintptr_t* words, std::size_t count) {
    std::size_t i = 0;
    if (is_promise(from) && count >= words_of_head) {
      heads_[from.owner] = {words[0], words[1]};
      i = words_of_head;
    }
    if (!is_promise(from) && kind_of(from.owner).has_virtual) i = 1;
    for (; i < count; ++i) note_pointer(from, words[i]);
  }

  void note_pointer(const range& from, std::uintptr_t to) {
    constexpr std::uintptr_t first_page = 4096;
    if (to < first_page) return;
    const std::size_t other = owner_of(to);
    if (other == none) {
      leaving_.push_back({to, from.owner});
      if (!is_promise(from) && objects_[from.owner] == 0 && to % alignof(int) == 0 && mapped_.has(to)) objects_[from.owner] = to;
    } else if (other != from.owner && is_promise(from)) {
      held_by_promises_.emplace_back(from.owner, other);
      if (is_in_frame(to, other)) frames_in_promises_.emplace_back(from.owner, other);
    } else if (other != from.owner) {
      note_child(from.owner, other, to);
    }
  }

  /// The promise of `child` points to `parent`. One that awaits the child in turn is none: the outermost coroutine of Asio's
  /// points to the innermost.
  void note_parent(std::size_t child, std::size_t parent) {
    // an awaiter without room for a pointer awaits nobody: what the promise holds is left from an earlier use of its memory
    if (!is_suspended(parent) || kind_of(parent).size < sizeof(void*) || is_in_chain_of(parent, child)) return;
    if (holds_child_[parent] && parents_[child] != parent) return;
    if (parents_[child] == none) parents_[child] = parent;
    // a promise may point to more of those that wait for it, as Asio's does to where it is cancelled from: the nearest counts
    const std::size_t known = children_[parent];
    if (known == none || (parents_[child] == parent && parents_[known] != parent)) children_[parent] = child;
  }

  bool is_in_chain_of(std::size_t index, std::size_t wanted) const noexcept {
    for (std::size_t links = 0; index != none && links < longest_chain; ++links, index = parents_[index])
      if (index == wanted) return true;
    return false;
  }

  /// The awaiter of `parent` points to the frame of `child`. An awaiter that points to another's is in a list with it.
  void note_child(std::size_t parent, std::size_t child, std::uintptr_t to) {
    if (!is_in_frame(to, child)) return;
    parents_[child] = parent;
    children_[parent] = child;
    holds_child_[parent] = true;
  }

  const std::vector<live_coroutine> own_;
  const std::vector<live_coroutine>& all_ = own_;  ///< by id
  std::vector<frame_head> heads_;
  std::vector<std::size_t> parents_;
  std::vector<std::size_t> children_;
  std::vector<bool> holds_child_;  ///< by a pointer in its awaiter
  std::vector<std::uintptr_t> objects_;
  mapped_memory mapped_;
  std::vector<range> ranges_;           ///< by address
  std::vector<std::uintptr_t> starts_;  ///< of the ranges: a search among these alone stays in the cache
  std::unordered_map<const await_kind*, await_kind> kinds_;
  const await_kind* last_key_ = nullptr;
  const await_kind* last_kind_ = nullptr;
  std::vector<pointer> leaving_;                                       ///< to what is no coroutine's
  std::vector<std::pair<std::size_t, std::size_t>> held_by_promises_;  ///< owner and whom it points to
  std::vector<std::pair<std::size_t, std::size_t>> frames_in_promises_;
};

}  // namespace taskleak::inline v0::detail

#endif
