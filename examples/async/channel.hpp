// SPDX-License-Identifier: MIT
/// \file A queue between the coroutines of one thread that holds a limited number of values.
#ifndef EXAMPLES_ASYNC_CHANNEL_HPP
#define EXAMPLES_ASYNC_CHANNEL_HPP

#include <coroutine>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

namespace async {

/// Senders are suspended while it is full, receivers while it is empty; either side may close it. Whoever ends another's wait
/// resumes it on the spot.
template <class T>
class channel {
 public:
  struct send_awaiter {
    channel& to;
    T value;
    bool accepted = false;
    std::coroutine_handle<> sender{};

    bool await_ready() {
      if (to.closed_) return true;
      accepted = to.push(value);
      return accepted;
    }
    void await_suspend(std::coroutine_handle<> who) {
      sender = who;
      to.senders_.push_back(this);
    }
    bool await_resume() { return accepted; }
  };

  struct receive_awaiter {
    channel& from;
    std::optional<T> value{};
    std::coroutine_handle<> receiver{};

    bool await_ready() {
      value = from.try_receive();
      return value || from.closed_;
    }
    void await_suspend(std::coroutine_handle<> who) {
      receiver = who;
      from.receivers_.push_back(this);
    }
    std::optional<T> await_resume() { return std::move(value); }
  };

  explicit channel(std::size_t capacity) : capacity_(capacity) {}
  channel(const channel&) = delete;
  channel& operator=(const channel&) = delete;

  /// `co_await` waits for room; false when the channel is closed, and the value is then lost.
  send_awaiter send(T value) { return {*this, std::move(value)}; }

  /// `co_await` waits for a value; none when the channel is closed and empty.
  receive_awaiter receive() { return {*this}; }

  /// A value if there is one.
  std::optional<T> try_receive() {
    if (values_.empty()) return std::nullopt;
    std::optional<T> value(std::move(values_.front()));
    values_.pop_front();
    if (!senders_.empty()) {
      send_awaiter& next = take_first(senders_);
      next.accepted = push(next.value);
      next.sender.resume();
    }
    return value;
  }

  /// Ends everyone's wait; no value enters from now on.
  void close() {
    closed_ = true;
    while (!senders_.empty()) take_first(senders_).sender.resume();
    while (!receivers_.empty()) take_first(receivers_).receiver.resume();
  }

 private:
  template <class Awaiter>
  static Awaiter& take_first(std::deque<Awaiter*>& waiting) {
    Awaiter& first = *waiting.front();
    waiting.pop_front();
    return first;
  }

  /// Hands the value to a receiver that waits, or keeps it where there is room.
  bool push(T& value) {
    if (!receivers_.empty()) {
      receive_awaiter& next = take_first(receivers_);
      next.value = std::move(value);
      next.receiver.resume();
      return true;
    }
    if (values_.size() == capacity_) return false;
    values_.push_back(std::move(value));
    return true;
  }

  std::deque<T> values_;
  std::deque<send_awaiter*> senders_;
  std::deque<receive_awaiter*> receivers_;
  std::size_t capacity_;
  bool closed_ = false;
};

}  // namespace async

#endif
