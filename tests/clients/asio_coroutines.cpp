// SPDX-License-Identifier: MIT
/// \file Coroutines of Asio or Boost.Asio in a program that includes nothing of taskleak, left behind and not.
#if defined(CLIENT_HAS_BOOST_ASIO)
#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/experimental/coro.hpp>
#include <boost/asio/experimental/use_coro.hpp>
namespace asio = boost::asio;
using error = boost::system::error_code;
#else
#include <asio.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/experimental/channel.hpp>
#include <asio/experimental/coro.hpp>
#include <asio/experimental/use_coro.hpp>
using error = asio::error_code;
#endif

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <exception>
#include <stdexcept>
#include <string>

namespace {

using namespace asio::experimental::awaitable_operators;
using asio::awaitable;
using asio::use_awaitable;
using asio::ip::tcp;
using channel = asio::experimental::channel<void(error, int)>;

constexpr std::chrono::hours very_long(24);

/// Sends back what it gets, until the other side closes.
awaitable<std::size_t> echo(tcp::socket socket) {
  std::array<char, 64> data;
  std::size_t total = 0;
  for (;;) {
    error closed;
    const auto size = co_await socket.async_read_some(asio::buffer(data), redirect_error(use_awaitable, closed));  // the read
    if (closed) co_return total;
    co_await async_write(socket, asio::buffer(data, size), use_awaitable);
    total += size;
  }
}

awaitable<void> serve(tcp::acceptor& acceptor, std::size_t& echoed) {
  tcp::socket socket = co_await acceptor.async_accept(use_awaitable);
  echoed += co_await echo(std::move(socket));  // the echo
}

awaitable<std::string> ask(tcp::socket& socket, tcp::endpoint server, std::string question) {
  co_await socket.async_connect(server, use_awaitable);
  co_await async_write(socket, asio::buffer(question), use_awaitable);
  std::string answer(question.size(), ' ');
  co_await async_read(socket, asio::buffer(answer), use_awaitable);
  co_return answer;
}

/// A server in its own context, with one client that has been answered.
struct conversation {
  asio::io_context context{1};
  tcp::acceptor acceptor{context, {asio::ip::address_v4::loopback(), 0}};
  tcp::socket client{context};
  std::size_t echoed = 0;
  std::string answer;

  void begin() {
    co_spawn(context, serve(acceptor, echoed), asio::detached);  // the server
    co_spawn(context, ask(client, acceptor.local_endpoint(), "hello"),
             [this](std::exception_ptr, std::string a) { answer = std::move(a); });
    while (answer.empty()) context.run_one();
  }
};

awaitable<void> pause(std::chrono::nanoseconds duration) {
  asio::steady_timer timer(co_await asio::this_coro::executor, duration);
  co_await timer.async_wait(use_awaitable);  // the pause
}

awaitable<int> receive_twice(channel& from) {
  const int first = co_await from.async_receive(use_awaitable);
  co_return first + co_await from.async_receive(use_awaitable);  // the receive
}

awaitable<void> send(channel& to, int value) { co_await to.async_send(error(), value, use_awaitable); }

awaitable<int> fail() {
  co_await pause(std::chrono::nanoseconds(1));
  throw std::runtime_error("no answer");
}

asio::experimental::coro<int> count(asio::any_io_executor, int to) {
  for (int i = 1; i < to; ++i) co_yield i;
}

asio::experimental::coro<void, int> answer_late(asio::any_io_executor executor, std::chrono::nanoseconds delay) {
  asio::steady_timer timer(executor, delay);
  co_await timer.async_wait(asio::experimental::use_coro);  // the delay
  co_return 41;
}

asio::experimental::coro<void, int> answer(asio::any_io_executor executor, std::chrono::nanoseconds delay) {
  auto late = answer_late(executor, delay);
  co_return 1 + co_await late;  // the answer
}

asio::experimental::coro<void, int> sum(asio::any_io_executor executor, int to) {
  int total = 0;
  auto numbers = count(executor, to + 1);
  while (const auto number = co_await numbers) total += *number;
  co_return total;
}

/// A suite's own coroutine, which waits anew in each test.
class AsioSuite : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    context = new asio::io_context(1);
    co_spawn(*context, tick(), asio::detached);
    context->poll();
  }

  static awaitable<void> tick() {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (;; ++ticks) {
      timer.expires_after(std::chrono::milliseconds(1));
      co_await timer.async_wait(use_awaitable);
    }
  }

  static inline asio::io_context* context = nullptr;
  static inline int ticks = 0;
};

}  // namespace

TEST(AsioServer, KeepsASession) {
  auto& talk = *new conversation;
  talk.begin();
  EXPECT_EQ(talk.answer, "hello");
}

TEST(AsioServer, EndsItsSession) {
  conversation talk;
  talk.begin();
  talk.client.close();
  talk.context.run();
  EXPECT_EQ(talk.echoed, 5u);
}

TEST(AsioServer, IsDestroyedWithItsSession) {
  conversation talk;
  talk.begin();
  EXPECT_EQ(talk.answer, "hello");
}

TEST(AsioChannel, HasOneSenderTooFew) {
  auto& context = *new asio::io_context(1);
  auto& numbers = *new channel(context, 0);
  co_spawn(context, receive_twice(numbers), asio::detached);
  co_spawn(context, send(numbers, 1), asio::detached);
  context.poll();
}

TEST(AsioChannel, HasASenderForEachReceive) {
  asio::io_context context(1);
  channel numbers(context, 0);
  int received = 0;
  co_spawn(context, receive_twice(numbers), [&](std::exception_ptr, int value) { received = value; });
  co_spawn(context, send(numbers, 1) && send(numbers, 2), asio::detached);
  context.run();
  EXPECT_EQ(received, 3);
}

TEST(AsioOperators, BothSidesOfAndAreLeft) {
  auto& context = *new asio::io_context(1);
  co_spawn(context, pause(very_long) && pause(very_long), asio::detached);
  context.poll();
}

TEST(AsioOperators, OrEndsTheOtherSide) {
  asio::io_context context(1);
  bool ended = false;
  co_spawn(context, pause(very_long) || pause(std::chrono::nanoseconds(1)), [&](std::exception_ptr, auto) { ended = true; });
  context.run();
  EXPECT_TRUE(ended);
}

TEST(AsioAwaitable, IsNeverStarted) { new awaitable<void>(pause(very_long)); }

TEST(AsioAwaitable, IsSpawnedAndNeverRun) {
  auto& context = *new asio::io_context(1);
  co_spawn(context, pause(very_long), asio::detached);
}

TEST(AsioAwaitable, IsAnOperationAlone) {
  auto& context = *new asio::io_context(1);
  auto& timer = *new asio::steady_timer(context, very_long);
  co_spawn(context, timer.async_wait(use_awaitable), asio::detached);
  context.poll();
}

TEST(AsioAwaitable, PassesAnExceptionOn) {
  asio::io_context context(1);
  std::string what;
  co_spawn(context, fail(), [&](std::exception_ptr thrown, int) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::runtime_error& e) {
      what = e.what();
    }
  });
  context.run();
  EXPECT_EQ(what, "no answer");
}

TEST(AsioAwaitable, IsCancelled) {
  asio::io_context context(1);
  asio::cancellation_signal stop;
  bool ended = false;
  co_spawn(context, pause(very_long), bind_cancellation_slot(stop.slot(), [&](std::exception_ptr) { ended = true; }));
  context.poll();
  stop.emit(asio::cancellation_type::terminal);
  context.run();
  EXPECT_TRUE(ended);
}

TEST(AsioAwaitable, RunsOnAPool) {
  asio::thread_pool pool(2);
  co_spawn(pool, pause(std::chrono::milliseconds(1)) && pause(std::chrono::milliseconds(1)), asio::use_future).get();
  pool.join();
}

TEST(AsioCoro, IsNeverAnswered) {
  auto& context = *new asio::io_context(1);
  auto& answering = *new asio::experimental::coro<void, int>(answer(context.get_executor(), very_long));
  answering.async_resume([](std::exception_ptr, int) {});
  context.poll();
}

TEST(AsioCoro, IsAnswered) {
  asio::io_context context(1);
  auto answering = answer(context.get_executor(), std::chrono::nanoseconds(1));
  int result = 0;
  answering.async_resume([&](std::exception_ptr, int value) { result = value; });
  context.run();
  EXPECT_EQ(result, 42);
}

TEST(AsioCoro, EndsWithAValue) {
  asio::io_context context(1);
  auto summing = sum(context.get_executor(), 4);
  int total = 0;
  summing.async_resume([&](std::exception_ptr, int value) { total = value; });
  context.run();
  EXPECT_EQ(total, 10);
}

TEST_F(AsioSuite, UsesItsTicker) {
  while (ticks == 0) context->run_one();
}
