// SPDX-License-Identifier: MIT
/// \file A service that loses a thread now and then, with a debug server by which that is found: docs/production.md has the
/// steps.
///
/// It reads commands from its standard input: `serve N` serves N clients, `end` ends it.
#include <taskleak/debug_server.hpp>
#include <taskleak/runtime.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace {

/// Holds what is to be sent to one client.
class mailbox {
 public:
  void put(std::string price) {
    const std::lock_guard lock(mutex_);
    prices_.push_back(std::move(price));
    changed_.notify_all();
  }
  void close() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    changed_.notify_all();
  }
  /// Waits for the next price; returns false once the mailbox is closed and empty.
  bool take(std::string& price) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_closed_ || !prices_.empty(); });
    if (prices_.empty()) return false;
    price = std::move(prices_.front());
    prices_.pop_front();
    return true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> prices_;
  bool is_closed_ = false;
};

void send_prices(const std::shared_ptr<mailbox>& from) {
  for (std::string price; from->take(price);) {
    // here it would be sent
  }
}

/// Serves one client: a thread of its own sends it what comes into its mailbox.
void serve(std::size_t client) {
  const auto prices = std::make_shared<mailbox>();
  std::thread sender(send_prices, prices);
  prices->put("DE0005140008 14.02");
  const bool has_hung_up = client % 10 == 0;
  if (has_hung_up) {
    sender.detach();  // the bug: this way out does not close the mailbox, and the sender waits for ever
    return;
  }
  prices->close();
  sender.join();
}

}  // namespace

int main() {
  const taskleak::debug_server server;
  std::cout << "http://127.0.0.1:" << server.port() << "/debug/tasks" << std::endl;
  std::string command;
  for (std::size_t clients = 0, more = 0; std::cin >> command && command != "end";) {
    if (command == "serve" && std::cin >> more)
      for (; more > 0; --more) serve(++clients);
    std::cout << "served " << clients << std::endl;
  }
  return 0;
}
