// SPDX-License-Identifier: MIT
/// \file Makes thumbnails of pictures in several coroutines.
///
/// The bug: the workers end when the channel of pictures is closed, and nobody closes it. finish() would, but every user of the
/// class must know that and remember it on every path.
#ifndef EXAMPLES_THUMBNAILER_HPP
#define EXAMPLES_THUMBNAILER_HPP

#include "../../async/channel.hpp"
#include "../../async/task.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

class thumbnailer {
 public:
  explicit thumbnailer(unsigned workers) : channels_(std::make_shared<channels>()) {
    for (unsigned i = 0; i < workers; ++i) work(channels_);
  }

  async::detached add(std::string picture) { co_await channels_->pictures.send(std::move(picture)); }
  std::optional<std::string> next() { return channels_->thumbnails.try_receive(); }
  void finish() { channels_->pictures.close(); }

 private:
  struct channels {
    async::channel<std::string> pictures{64};
    async::channel<std::string> thumbnails{64};
  };

  static async::detached work(std::shared_ptr<channels> all) {
    while (const auto picture = co_await all->pictures.receive()) co_await all->thumbnails.send("small " + *picture);
  }

  std::shared_ptr<channels> channels_;
};

#endif
