// SPDX-License-Identifier: MIT
/// \file std::async and std::packaged_task, by way of a promise that is kept in the clean twins only.
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <thread>
#include <utility>

namespace {

/// Asks for a number on another thread, which waits until somebody gives it.
class question {
 public:
  void answer(int number) { promise_.set_value(number); }

  std::future<int> ask_async() {
    return std::async(std::launch::async, [this] { return wait(); });  // async
  }

  std::future<int> ask_on_thread() {
    std::packaged_task<int()> task([this] { return wait(); });
    std::future<int> result = task.get_future();
    std::thread(std::move(task)).detach();  // thread
    return result;
  }

 private:
  int wait() { return promise_.get_future().get(); }  // the wait

  std::promise<int> promise_;
};

/// Keeps a future alive for ever: the destructor of std::async's would wait.
void forget(std::future<int> result) { new std::future<int>(std::move(result)); }

}  // namespace

TEST(Async, IsNeverAnswered) { forget((new question)->ask_async()); }

TEST(Async, IsAnswered) {
  question asked;
  std::future<int> result = asked.ask_async();
  asked.answer(42);
  EXPECT_EQ(result.get(), 42);
}

TEST(PackagedTask, IsNeverAnswered) { forget((new question)->ask_on_thread()); }

TEST(PackagedTask, IsAnswered) {
  question asked;
  std::future<int> result = asked.ask_on_thread();
  asked.answer(42);
  EXPECT_EQ(result.get(), 42);
}
