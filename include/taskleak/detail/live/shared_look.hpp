// SPDX-License-Identifier: MIT
/// \file Lets many clients that ask at one time share one look at the program.
#ifndef TASKLEAK_DETAIL_LIVE_SHARED_LOOK_HPP
#define TASKLEAK_DETAIL_LIVE_SHARED_LOOK_HPP

#include <condition_variable>
#include <memory>
#include <mutex>

namespace taskleak::inline v0::detail {

/// Takes one look at a time. Who asks during a look waits for the next one, so that an answer never is older than its question;
/// all that wait get the same answer. A hundred clients cost the program as much as two.
///
/// An answer is kept by those who have it, and by nobody else: it has the addresses of what tasks wait for, by which a later look
/// would find that these can still be reached.
template <class Answer>
class shared_look {
 public:
  /// Returns an answer of a look that began after this call. `look` is called by one of those that ask, with no lock held.
  template <class Look>
  std::shared_ptr<const Answer> ask(Look&& look) {
    const auto fresh = std::make_shared<round>();  // before the lock, which is never held while memory is taken or freed
    std::shared_ptr<round> mine;
    std::unique_lock lock(mutex_);
    if (!next_) next_ = fresh;
    mine = next_;
    changed_.wait(lock, [&] { return mine->answer || !is_looking_; });
    if (mine->answer) return mine->answer;
    is_looking_ = true;
    if (next_ == mine) next_.reset();
    lock.unlock();
    const end_of_look end{*this};
    auto answer = std::make_shared<const Answer>(look());
    lock.lock();
    mine->answer = answer;
    lock.unlock();
    return answer;
  }

 private:
  /// Is what all that wait for one look share.
  struct round {
    std::shared_ptr<const Answer> answer;
  };

  /// Lets the next one look, also where the look has thrown.
  struct end_of_look {
    shared_look& of;
    ~end_of_look() {
      {
        const std::lock_guard lock(of.mutex_);
        of.is_looking_ = false;
      }
      of.changed_.notify_all();
    }
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_looking_ = false;
  std::shared_ptr<round> next_;  ///< the look that has not begun; those who wait for it hold it, too
};

}  // namespace taskleak::inline v0::detail

#endif
