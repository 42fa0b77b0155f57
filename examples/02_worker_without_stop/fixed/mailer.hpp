// SPDX-License-Identifier: MIT
/// \file Delivers letters on a thread of its own, so that send() never waits for the network.
///
/// The fix: the worker is a std::jthread and waits with its stop token; the mailer's destructor asks it to stop and joins it.
#ifndef EXAMPLES_MAILER_HPP
#define EXAMPLES_MAILER_HPP

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include <pthread.h>

class mailer {
 public:
  using transport = std::function<void(const std::string& to)>;

  explicit mailer(transport deliver)
      : deliver_(std::move(deliver)), worker_([this](std::stop_token stop) { run(std::move(stop)); }) {}

  void send(std::string to) {
    const std::lock_guard lock(mutex_);
    letters_.push_back(std::move(to));
    filled_.notify_one();
  }

 private:
  void run(std::stop_token stop) {
    pthread_setname_np(pthread_self(), "mailer");
    while (true) {
      std::unique_lock lock(mutex_);
      if (!filled_.wait(lock, stop, [this] { return !letters_.empty(); })) return;
      const std::string to = std::move(letters_.front());
      letters_.pop_front();
      lock.unlock();
      deliver_(to);
    }
  }

  transport deliver_;
  std::mutex mutex_;
  std::condition_variable_any filled_;
  std::deque<std::string> letters_;
  std::jthread worker_;  // last, so that it ends before anything it uses
};

#endif
