// SPDX-License-Identifier: MIT
/// \file Asio: a thread_pool that nobody joins, and the thread behind async_resolve.
#include <asio.hpp>
#include <gtest/gtest.h>

#include <latch>

namespace {

/// Returns when the pool's thread has run something, and is therefore there.
void use(asio::thread_pool& pool) {
  std::latch ran(1);
  asio::post(pool, [&] { ran.count_down(); });
  ran.wait();
}

void resolve(asio::io_context& context) {
  asio::ip::tcp::resolver resolver(context);
  bool resolved = false;
  resolver.async_resolve("127.0.0.1", "80", [&](const asio::error_code&, const auto&) { resolved = true; });  // the look-up
  context.run();
  EXPECT_TRUE(resolved);
}

}  // namespace

TEST(AsioPool, IsNeverJoined) {
  auto& pool = *new asio::thread_pool(1);  // the pool
  use(pool);
}

TEST(AsioPool, IsJoined) {
  asio::thread_pool pool(1);
  use(pool);
  pool.join();
}

TEST(AsioResolver, OutlivesTheTest) {
  auto& context = *new asio::io_context;
  resolve(context);
}

TEST(AsioResolver, EndsWithItsContext) {
  asio::io_context context;
  resolve(context);
}
