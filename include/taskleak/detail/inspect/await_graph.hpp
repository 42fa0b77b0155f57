// SPDX-License-Identifier: MIT
/// \file Finds out who awaits whom, from the pointers that coroutines have to one another.
///
/// Nothing is noted when a coroutine awaits another; the pointers are searched when there is something to report. Coroutine A
/// awaits coroutine B if A's awaiter points to B's frame, or if B's promise points to A: to A's frame, as a continuation does, or
/// to A's awaiter, as those of when_all() and other counters do. The first is the stronger sign: a coroutine that holds what it
/// awaits awaits nothing else, and a pointer to it in another promise is left from an earlier use of that memory.
#ifndef TASKLEAK_DETAIL_INSPECT_AWAIT_GRAPH_HPP
#define TASKLEAK_DETAIL_INSPECT_AWAIT_GRAPH_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/id_map.hpp>
#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/platform/foreign_memory.hpp>
#include <taskleak/detail/platform/mapped_memory.hpp>
#include <taskleak/detail/probe/coroutine/live_coroutine.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

class await_graph {
 public:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  await_graph() = default;
  explicit await_graph(light_vector<live_coroutine> all) : own_(std::move(all)), all_(own_) { build(); }
  /// Builds the graph of coroutines that are sorted by id, and that must live as long as the graph.
  explicit await_graph(const light_vector<live_coroutine>* all) : all_(*all) { build(); }
  await_graph(const await_graph&) = delete;
  await_graph& operator=(const await_graph&) = delete;

  const light_vector<live_coroutine>& coroutines() const noexcept { return all_; }

  /// Returns the index of a coroutine by its id; `none` for a coroutine that is newer than the graph. A caller that goes through
  /// many coroutines in order passes the index to look at first.
  std::size_t find(std::uint64_t id, std::size_t first_look = 0) const noexcept {
    if (first_look < all_.size() && all_[first_look].id() == id) return first_look;
    const auto at =
        std::lower_bound(all_.begin(), all_.end(), id, [](const live_coroutine& c, std::uint64_t i) { return c.id() < i; });
    return at != all_.end() && at->id() == id ? static_cast<std::size_t>(at - all_.begin()) : none;
  }

  /// Holds the beginning of a frame. By the ABI that GCC and Clang share these are the addresses of the coroutine's resume
  /// function, which is 0 at the final suspension, and of its destroy function. Both are 0 if the frame could not be read.
  struct frame_head {
    std::uintptr_t resume = 0;
    std::uintptr_t destroy = 0;
  };
  const frame_head& head_of(std::size_t index) const noexcept { return heads_[index]; }

  bool is_at_its_end(std::size_t index) const noexcept { return heads_[index].resume == 0 && heads_[index].destroy != 0; }

  /// Returns the coroutine that awaits this one.
  std::size_t parent_of(std::size_t index) const noexcept { return parents_[index]; }
  /// Returns a coroutine that this one awaits.
  std::size_t child_of(std::size_t index) const noexcept { return children_[index]; }

  /// Returns pairs of a coroutine whose promise points to another's frame, and that other coroutine: the other one awaits the
  /// first, goes on when the first ends, or has started the first.
  const light_vector<std::pair<std::size_t, std::size_t>>& frames_in_promises() const noexcept { return frames_in_promises_; }

  /// Returns the address of what this coroutine awaits: of its awaiter, or, if the co_await made the awaiter, of the first thing
  /// outside of coroutines that the awaiter refers to. Returns 0 if that is nothing, another coroutine, or not known.
  std::uintptr_t object_of(std::size_t index) const noexcept { return objects_[index]; }

  /// Returns the await chain: the coroutine, the one that awaits it, the one that awaits that, and so on.
  std::vector<std::size_t> chain_of(std::size_t index) const {
    std::vector<std::size_t> chain;
    while (index != none && chain.size() < longest_chain && detail::find(chain.begin(), chain.end(), index) == chain.end()) {
      chain.push_back(index);
      index = parents_[index];
    }
    return chain;
  }

  /// Returns the coroutine that a thread waits for: the coroutine's promise or awaiter points into the thread's stack, or the
  /// stack points to the coroutine. Of several such coroutines the outermost is returned.
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

  /// Describes memory that belongs to a coroutine: the frame up to the end of the promise, or the awaiter.
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

  /// Leaves out awaiters that several coroutines share: an event that is awaited by its own name belongs to none of its waiters.
  void leave_out_shared_awaiters() {
    auto kept = ranges_.begin();
    for (auto at = ranges_.begin(); at != ranges_.end();) {
      const auto next = detail::find_if(at, ranges_.end(), [&](const range& r) { return r.from != at->from; });
      if (next - at == 1) *kept++ = *at;
      at = next;
    }
    ranges_.erase_from(kept);
  }

  const await_kind& kind_of(std::size_t i) {
    const await_kind* const key = all_[i].data.awaited;
    if (last_kind_ && last_key_ == key) return *last_kind_;
    last_kind_ = kinds_.find(key_of_address(key));
    if (!last_kind_) {
      await_kind kind{};
      // the type's library may have been unloaded
      if (!copy_value(reinterpret_cast<std::uintptr_t>(key), kind)) kind = {};
      kind.size = std::min<std::uint32_t>(kind.size, longest_awaiter);
      last_kind_ = &kinds_.add(key_of_address(key), kind);
    }
    last_key_ = key;
    return *last_kind_;
  }

  std::size_t owner_of(std::uintptr_t address) const noexcept {
    // most words that look like a pointer point elsewhere
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

  /// Returns how many words of a range may be pointers: the words behind a promise's own are the same for each coroutine.
  std::size_t words_in(const range& r) const noexcept {
    return ((is_promise(r) ? all_[r.owner].address : r.to) - r.from) / sizeof(std::uintptr_t);
  }

  void read_pointers() {
    constexpr std::size_t at_once = 8192;
    std::vector<std::uintptr_t> words;
    light_vector<memory_piece> pieces;
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

  /// Notes that the promise of `child` points to `parent`, unless the child itself awaits that parent: the outermost coroutine of
  /// Asio's points to the innermost.
  void note_parent(std::size_t child, std::size_t parent) {
    // an awaiter without room for a pointer awaits nobody: the promise's pointer is left from an earlier use of its memory
    if (!is_suspended(parent) || kind_of(parent).size < sizeof(void*) || is_in_chain_of(parent, child)) return;
    if (holds_child_[parent] && parents_[child] != parent) return;
    if (parents_[child] == none) parents_[child] = parent;
    // a promise may point to several coroutines that wait for it, as Asio's does to where it is cancelled from: the nearest
    // counts
    const std::size_t known = children_[parent];
    if (known == none || (parents_[child] == parent && parents_[known] != parent)) children_[parent] = child;
  }

  bool is_in_chain_of(std::size_t index, std::size_t wanted) const noexcept {
    for (std::size_t links = 0; index != none && links < longest_chain; ++links, index = parents_[index])
      if (index == wanted) return true;
    return false;
  }

  /// Notes that the awaiter of `parent` points to the frame of `child`. An awaiter that points to another awaiter is in a list
  /// with that one.
  void note_child(std::size_t parent, std::size_t child, std::uintptr_t to) {
    if (!is_in_frame(to, child)) return;
    parents_[child] = parent;
    children_[parent] = child;
    holds_child_[parent] = true;
  }

  const light_vector<live_coroutine> own_;
  const light_vector<live_coroutine>& all_ = own_;  ///< sorted by id
  light_vector<frame_head> heads_;
  std::vector<std::size_t> parents_;
  std::vector<std::size_t> children_;
  light_vector<bool> holds_child_;  ///< whether a coroutine's awaiter points to its child
  std::vector<std::uintptr_t> objects_;
  mapped_memory mapped_;
  light_vector<range> ranges_;          ///< sorted by address
  std::vector<std::uintptr_t> starts_;  ///< the starts of the ranges: a search among these alone stays in the cache
  id_map<await_kind> kinds_;
  const await_kind* last_key_ = nullptr;
  const await_kind* last_kind_ = nullptr;
  light_vector<pointer> leaving_;                                       ///< pointers to memory that is no coroutine's
  light_vector<std::pair<std::size_t, std::size_t>> held_by_promises_;  ///< owner and whom it points to
  light_vector<std::pair<std::size_t, std::size_t>> frames_in_promises_;
};

}  // namespace taskleak::inline v0::detail

#endif
