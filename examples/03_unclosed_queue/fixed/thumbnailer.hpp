// SPDX-License-Identifier: MIT
/// \file Makes thumbnails of pictures on several threads.
///
/// The fix: the destructor closes both queues, and the workers are joined.
#ifndef EXAMPLES_THUMBNAILER_HPP
#define EXAMPLES_THUMBNAILER_HPP

#include "../../bounded_queue.hpp"

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pthread.h>

class thumbnailer {
 public:
  explicit thumbnailer(unsigned workers) : queues_(std::make_shared<queues>()) {
    for (unsigned i = 0; i < workers; ++i) workers_.emplace_back(&thumbnailer::work, queues_);
  }

  ~thumbnailer() {
    queues_->pictures.close();
    queues_->thumbnails.close();
  }

  void add(std::string picture) { queues_->pictures.push(std::move(picture)); }
  std::optional<std::string> next() { return queues_->thumbnails.pop(); }

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
  std::vector<std::jthread> workers_;
};

#endif
