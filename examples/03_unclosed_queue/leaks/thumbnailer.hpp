// SPDX-License-Identifier: MIT
/// \file Makes thumbnails of pictures on several threads.
///
/// The bug: the workers end when the queue of pictures is closed, and nobody closes it. finish() would, but every user of the
/// class must know that and remember it on every path.
#ifndef EXAMPLES_THUMBNAILER_HPP
#define EXAMPLES_THUMBNAILER_HPP

#include "../../bounded_queue.hpp"

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <pthread.h>

class thumbnailer {
 public:
  explicit thumbnailer(unsigned workers) : queues_(std::make_shared<queues>()) {
    for (unsigned i = 0; i < workers; ++i) std::thread(&thumbnailer::work, queues_).detach();
  }

  void add(std::string picture) { queues_->pictures.push(std::move(picture)); }
  std::optional<std::string> next() { return queues_->thumbnails.pop(); }
  void finish() { queues_->pictures.close(); }

 private:
  struct queues {
    bounded_queue<std::string> pictures{64};
    bounded_queue<std::string> thumbnails{64};
  };

  static void work(std::shared_ptr<queues> all) {
    pthread_setname_np(pthread_self(), "thumbnailer");
    while (const auto picture = all->pictures.pop()) all->thumbnails.push("small " + *picture);
  }

  std::shared_ptr<queues> queues_;
};

#endif
