// SPDX-License-Identifier: MIT
/// \file Makes a text on a thread of taskleak's own.
///
/// What a look at the program knows are addresses of what tasks wait for, in blocks of the heap. The thread that asks may have a
/// pointer to such a block that was freed long ago, on its stack, where a variable was: if the look got that block again, a
/// search of the process would find by it what nothing can reach. glibc gives a thread of its own an arena of its own (malloc(3),
/// "NOTES"), and no pointer into that leaves the thread.
#ifndef TASKLEAK_DETAIL_LIVE_OWN_THREAD_HPP
#define TASKLEAK_DETAIL_LIVE_OWN_THREAD_HPP

#include <taskleak/detail/registry/own_tasks_scope.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstring>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace taskleak::inline v0::detail {

/// Hands a text over to another thread without a pointer to it: the receiver tells where it is wanted.
class text_hand_over {
 public:
  void give(const std::string& text) {
    std::unique_lock lock(mutex_);
    size_ = text.size();
    is_sized_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return is_room_made_; });
    if (room_) std::memcpy(room_, text.data(), size_);
  }

  void fail(std::exception_ptr why) {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(why);
    is_sized_ = true;
    changed_.notify_all();
  }

  /// Makes room in the string, to which give() copies the text. Throws what fail() was told.
  void take(std::string& to) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return is_sized_; });
    }
    if (failure_) std::rethrow_exception(failure_);
    const room_is_made made{*this};
    to.resize(size_);
    room_ = to.data();
  }

 private:
  /// Lets give() go on, also where there is no memory for the text.
  struct room_is_made {
    text_hand_over& of;
    ~room_is_made() {
      const std::lock_guard lock(of.mutex_);
      of.is_room_made_ = true;
      of.changed_.notify_all();
    }
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t size_ = 0;
  char* room_ = nullptr;
  bool is_sized_ = false;
  bool is_room_made_ = false;
  std::exception_ptr failure_;
};

/// Returns `make()`, which is called on a thread that no check is about. Throws what it throws, and std::system_error where there
/// can be no more threads.
template <class Make>
std::string made_on_own_thread(Make&& make) {
  std::string text;
  text_hand_over hand_over;
  const creates_own_tasks own;
  const std::jthread maker([&] {
    try {
      hand_over.give(make());
    } catch (...) {
      hand_over.fail(std::current_exception());
    }
  });
  hand_over.take(text);
  return text;
}

}  // namespace taskleak::inline v0::detail

#endif
