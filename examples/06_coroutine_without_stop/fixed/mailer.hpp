// SPDX-License-Identifier: MIT
/// \file Delivers letters in a coroutine of its own, so that send() does not have to know how.
///
/// The fix: the mailer's destructor closes the outbox, and the worker ends when there is no next letter.
#ifndef EXAMPLES_MAILER_HPP
#define EXAMPLES_MAILER_HPP

#include "../../async/channel.hpp"
#include "../../async/task.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

class mailer {
 public:
  using transport = std::function<void(const std::string& to)>;

  explicit mailer(transport deliver) : outbox_(std::make_shared<outbox>()) {
    outbox_->deliver = std::move(deliver);
    run(outbox_);
  }
  ~mailer() { outbox_->letters.close(); }

  async::detached send(std::string to) { co_await outbox_->letters.send(std::move(to)); }

 private:
  struct outbox {
    transport deliver;
    async::channel<std::string> letters{16};
  };

  /// The next letter that says where it goes; none when the outbox is closed.
  static async::task<std::optional<std::string>> next_letter(outbox& box) {
    while (true) {
      const auto to = co_await box.letters.receive();
      if (!to || !to->empty()) co_return to;
    }
  }

  static async::detached run(std::shared_ptr<outbox> box) {
    while (const auto to = co_await next_letter(*box)) box->deliver(*to);
  }

  std::shared_ptr<outbox> outbox_;
};

#endif
