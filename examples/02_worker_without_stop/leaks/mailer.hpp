// SPDX-License-Identifier: MIT
/// \file Delivers letters on a thread of its own, so that send() never waits for the network.
///
/// The bug: the worker loops for ever and is detached; nothing can ask it to stop. It outlives the mailer, and every mailer
/// that was ever made costs a parked thread.
#ifndef EXAMPLES_MAILER_HPP
#define EXAMPLES_MAILER_HPP

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include <pthread.h>

class mailer {
 public:
  using transport = std::function<void(const std::string& to)>;

  explicit mailer(transport deliver) : outbox_(std::make_shared<outbox>()) {
    outbox_->deliver = std::move(deliver);
    std::thread(&mailer::run, outbox_).detach();
  }

  void send(std::string to) {
    const std::lock_guard lock(outbox_->mutex);
    outbox_->letters.push_back(std::move(to));
    outbox_->filled.notify_one();
  }

 private:
  struct outbox {
    transport deliver;
    std::mutex mutex;
    std::condition_variable filled;
    std::deque<std::string> letters;
  };

  static void run(std::shared_ptr<outbox> box) {
    pthread_setname_np(pthread_self(), "mailer");
    while (true) {
      std::unique_lock lock(box->mutex);
      box->filled.wait(lock, [&] { return !box->letters.empty(); });
      const std::string to = std::move(box->letters.front());
      box->letters.pop_front();
      lock.unlock();
      box->deliver(to);
    }
  }

  std::shared_ptr<outbox> outbox_;
};

#endif
