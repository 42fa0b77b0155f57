// SPDX-License-Identifier: MIT
/// \file Finds the stragglers that nothing can wake, and says of the others what holds them.
#ifndef TASKLEAK_DETAIL_RUN_REACH_JUDGE_HPP
#define TASKLEAK_DETAIL_RUN_REACH_JUDGE_HPP

#include <taskleak/detail/platform/choice.hpp>
#include <taskleak/detail/platform/system.hpp>
#include <taskleak/detail/verdict/frame_of_straggler.hpp>
#if defined(TASKLEAK_ON_LINUX)
#include <taskleak/detail/platform/allocation_source.hpp>
#include <taskleak/detail/platform/task_directory.hpp>
#include <taskleak/detail/probe/thread/live_thread.hpp>
#include <taskleak/detail/registry/scope.hpp>
#include <taskleak/detail/symbols/plumbing.hpp>
#include <taskleak/detail/symbols/symbolizer.hpp>
#include <taskleak/detail/verdict/holder_words.hpp>
#include <taskleak/detail/verdict/orphan_words.hpp>
#include <taskleak/detail/verdict/program_stack.hpp>
#include <taskleak/detail/verdict/reach.hpp>
#include <taskleak/detail/verdict/reach_facts.hpp>
#endif
#include <taskleak/report.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sched.h>

namespace taskleak::inline v0::detail {

#if defined(TASKLEAK_ON_LINUX)

/// Judges the stragglers of one check by what can still be reached.
class reach_judge {
 public:
  enum class asks : unsigned char { for_orphans, for_holders_too };

  explicit reach_judge(std::uintptr_t stack_of_program, asks what = asks::for_holders_too)
      : stack_of_program_(stack_of_program), what_(what) {}

  /// Sets verdict, reason and holders of the stragglers that have none. Returns why nothing could be called orphaned; an empty
  /// text where that does not matter.
  std::string judge(std::vector<straggler>& found, const std::vector<frame_of_straggler>& frames) {
    if (is_frozen_copy() || stack_of_program_ == 0 || is_under_valgrind() || !knows_all_memory() ||
        std::none_of(found.begin(), found.end(), &may_be_judged))
      return {};
    // to tell the program's part of the stack takes the names of functions, which an early look has no time for
    bool is_exact = what_ == asks::for_holders_too;
    std::vector<address_range> stack;
    if (is_exact)
      stack = program_stack(stack_of_program_);
    else
      stack = {{stack_of_program_, UINTPTR_MAX}};
    int moved = 0;
    for (int tries = 0; tries < most_tries; ++tries) {
      std::optional<reach_question> question;
      const bool is_asked = [&] {
        const turned_addresses while_asked(found);
        return ask(found, frames, stack, question, moved);
      }();
      if (!is_asked) return {};
      if (moved != 0) {
        sched_yield();
      } else if (!is_exact && is_any_held_by_caller(found, *question)) {
        is_exact = true;
        stack = program_stack(stack_of_program_);
      } else {
        return tell(found, frames, *question);
      }
    }
    if (std::none_of(found.begin(), found.end(), &waits_for_futex)) return {};
    return not_known(moved < 0 ? "threads were beginning or ending" : fmt::format("thread {} was running", moved));
  }

 private:
  /// Turns all bits of the addresses of what the stragglers wait for, for as long as it lives: none of them is a pointer then.
  class turned_addresses {
   public:
    explicit turned_addresses(std::vector<straggler>& of) : of_(of) { turn(); }
    ~turned_addresses() { turn(); }
    turned_addresses(const turned_addresses&) = delete;
    turned_addresses& operator=(const turned_addresses&) = delete;

   private:
    void turn() noexcept {
      for (straggler& s : of_) s.waits_on.address = ~s.waits_on.address;
    }

    std::vector<straggler>& of_;
  };

  static constexpr int most_tries = 8;

  static bool may_be_judged(const straggler& s) {
    if (s.verdict != verdict::none && s.verdict != verdict::owned) return false;
    if (s.kind == task_kind::coroutine) return s.state == state::suspended || s.state == state::created;
    return waits_for_futex(s);
  }

  static bool waits_for_futex(const straggler& s) {
    if (s.kind != task_kind::thread || s.time_left) return false;
    switch (s.state) {
      case state::condition_wait:
      case state::mutex_lock:
      case state::shared_mutex_lock:
      case state::semaphore_wait:
      case state::join:
      case state::barrier_wait:
      case state::atomic_wait:
      case state::futex_wait:
      case state::future_wait:
      case state::labelled: return true;
      default: return false;
    }
  }

  /// Whether what a straggler waits for can be reached from the stack of the check alone, as far as is known.
  static bool is_any_held_by_caller(const std::vector<straggler>& found, const reach_question& question) {
    return std::any_of(found.begin(), found.end(), [&](const straggler& s) {
      return may_be_judged(s) && std::any_of(question.threads().begin(), question.threads().end(), [&](const thread_to_reach& t) {
               return static_cast<std::uint64_t>(t.tid) == s.id && t.waits && t.way.holder == current_tid();
             });
    });
  }

  /// Returns false when the process cannot be looked at.
  bool ask(const std::vector<straggler>& found, const std::vector<frame_of_straggler>& frames,
           const std::vector<address_range>& stack, std::optional<reach_question>& question, int& moved) const {
    light_vector<int> tids;
    if (!own_tasks.list(tids)) return false;
    std::sort(tids.begin(), tids.end());
    const auto list = reinterpret_cast<std::uintptr_t>(found.data());
    question.emplace(tids.size(), frames.size(), found.size(), stack,
                     address_range{list, list + found.size() * sizeof(straggler)});
    if (!question->has_room()) return false;
    for (std::size_t i = 0; i < tids.size(); ++i) {
      question->threads()[i].tid = tids[i];
      question->threads()[i].is_caller = tids[i] == current_tid();
    }
    for (const live_thread& own :
         copy_threads_younger_than(0, [](const thread_record& r) { return is_of_taskleak(r.charged_to); })) {
      const auto place = std::lower_bound(tids.begin(), tids.end(), own.tid);
      if (place == tids.end() || *place != own.tid) continue;
      thread_to_reach& t = question->threads()[static_cast<std::size_t>(place - tids.begin())];
      t.is_of_taskleak = true;
    }
    std::map<std::uint64_t, std::uint32_t> places;
    for (std::uint32_t i = 0; i < found.size(); ++i)
      if (found[i].kind == task_kind::coroutine) places[found[i].id] = i;
    for (std::size_t i = 0; i < frames.size(); ++i) {
      coroutine_to_reach& c = question->coroutines()[i];
      c.turned_frame = frames[i].turned_frame;
      const auto place = places.find(frames[i].straggler);
      if (place == places.end()) continue;
      c.way = place->second;
      places.erase(place);  // of coroutines that are alike, one tells the way
    }
    moved = ask_what_is_reached(*question, what_ == asks::for_holders_too);
    return true;
  }

  std::string tell(std::vector<straggler>& found, const std::vector<frame_of_straggler>& frames,
                   const reach_question& question) const {
    const reach_answer& answer = question.answer();
    if (is_without_answer(answer.doubt)) return std::any_of(found.begin(), found.end(), &may_be_judged) ? in_words(answer) : "";
    bool is_in_doubt = false;
    holder_words words;
    std::map<std::uint64_t, const thread_to_reach*> threads;
    for (const thread_to_reach& t : question.threads()) threads[static_cast<std::uint64_t>(t.tid)] = &t;
    std::map<std::uint64_t, bool> has_reached;  // coroutines, or one that is like it
    for (std::size_t i = 0; i < frames.size(); ++i) has_reached[frames[i].straggler] |= question.coroutines()[i].is_reached;
    for (std::size_t i = 0; i < found.size(); ++i) {
      straggler& s = found[i];
      if (!may_be_judged(s)) continue;
      bool is_reached = true;
      const way_to_task* way = nullptr;
      if (s.kind == task_kind::coroutine) {
        const auto known = has_reached.find(s.id);
        if (known == has_reached.end()) continue;
        is_reached = known->second;
        way = &question.ways()[i];
      } else {
        const auto known = threads.find(s.id);
        if (known == threads.end() || !known->second->waits) continue;
        is_reached = known->second->can_run;
        if (s.waits_on.address != 0) describe_block(s.waits_on, *known->second);
        way = &known->second->way;
      }
      if (!is_reached) {
        is_in_doubt |= answer.doubt != reach_doubt::none;
        if (answer.doubt == reach_doubt::none) call_orphaned(s);
      } else if (s.verdict == verdict::none && what_ == asks::for_holders_too) {
        call_held(s, *way, words);
      }
    }
    return is_in_doubt ? in_words(answer) : std::string();
  }

  static void describe_block(wait_object& object, const thread_to_reach& t) {
    object.block_size = t.block_size;
    const allocation_source* const source = t.block == 0 ? nullptr : find_allocation_source();
    constexpr std::size_t most = 64;
    std::uintptr_t addresses[most];
    const std::size_t depth = source ? source->find(t.block, addresses, most) : 0;
    for (std::size_t i = 0; i < depth; ++i) symbols().append(addresses[i], true, object.allocated_by);
    mark_plumbing(object.allocated_by);
  }

  static void call_held(straggler& s, const way_to_task& way, holder_words& words) {
    const std::string& holder = words.of(way);
    if (holder.empty()) return;
    s.verdict = verdict::held;
    s.reason = holder;
    if (way.path.last().in == owner_step::kind::thread) s.held_by = static_cast<std::uint64_t>(way.holder);
    s.holders = holders_in_words(way);
  }

  static std::string not_known(std::string_view why) { return fmt::format("not known whether a task is orphaned: {}", why); }

  static bool is_without_answer(reach_doubt doubt) noexcept {
    return doubt != reach_doubt::none && doubt != reach_doubt::registers && doubt != reach_doubt::kernel;
  }

  static std::string in_words(const reach_answer& answer) {
    switch (answer.doubt) {
      case reach_doubt::none:
      case reach_doubt::no_copy: return {};
      case reach_doubt::not_read: return not_known("a copy of the process could not be looked through to the end");
      case reach_doubt::kept_memory: return not_known("a copy of the process does not get all of its memory (MADV_DONTFORK)");
      case reach_doubt::registers: return not_known(fmt::format("thread {} may hold a pointer in a register", answer.doubted));
      case reach_doubt::unknown_thread: return not_known(fmt::format("the stack of thread {} is not known", answer.doubted));
      case reach_doubt::kernel: return not_known("the kernel may hold a pointer for an io_uring");
    }
    return {};
  }

  std::uintptr_t stack_of_program_;
  asks what_;
};

#else

/// Knows nothing: the memory of the process cannot be read here.
class reach_judge {
 public:
  enum class asks : unsigned char { for_orphans, for_holders_too };

  explicit reach_judge(std::uintptr_t, asks = asks::for_holders_too) {}
  std::string judge(std::vector<straggler>&, const std::vector<frame_of_straggler>&) { return {}; }
};

#endif

}  // namespace taskleak::inline v0::detail

#endif
