// SPDX-License-Identifier: MIT
/// \file Makes thumbnails of pictures in several coroutines.
///
/// The fix: the destructor closes both channels, and the workers come to their end.
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

  ~thumbnailer() {
    channels_->pictures.close();
    channels_->thumbnails.close();
  }

  async::detached add(std::string picture) { co_await channels_->pictures.send(std::move(picture)); }
  std::optional<std::string> next() { return channels_->thumbnails.try_receive(); }

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
