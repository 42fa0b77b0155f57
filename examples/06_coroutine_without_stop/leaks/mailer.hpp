// SPDX-License-Identifier: MIT
/// \file Delivers letters in a coroutine of its own, so that send() does not have to know how.
///
/// The bug: the worker loops for ever; nothing can ask it to stop. It outlives the mailer, and every mailer that was ever made
/// costs two suspended coroutines.
#ifndef EXAMPLES_MAILER_HPP
#define EXAMPLES_MAILER_HPP

#include "../../async/channel.hpp"
#include "../../async/task.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>

class mailer {
 public:
  using transport = std::function<void(const std::string& to)>;

  explicit mailer(transport deliver) : outbox_(std::make_shared<outbox>()) {
    outbox_->deliver = std::move(deliver);
    run(outbox_);
  }

  async::detached send(std::string to) { co_await outbox_->letters.send(std::move(to)); }

 private:
  struct outbox {
    transport deliver;
    async::channel<std::string> letters{16};
  };

  /// The next letter that says where it goes.
  static async::task<std::string> next_letter(outbox& box) {
    while (true) {
      const auto to = co_await box.letters.receive();
      if (!to->empty()) co_return *to;
    }
  }

  static async::detached run(std::shared_ptr<outbox> box) {
    while (true) {
      auto letter = next_letter(*box);
      box->deliver(co_await letter);
    }
  }

  std::shared_ptr<outbox> outbox_;
};

#endif
