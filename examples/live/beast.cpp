// SPDX-License-Identifier: MIT
/// \file Serves the debug endpoint beside the program's own targets, on a server that the program has already: one on
/// Boost.Beast.
///
/// It listens on a free port of 127.0.0.1, says where, and ends after as many requests as its argument says.
#include <taskleak/debug_endpoint.hpp>
#include <taskleak/runtime.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/version.hpp>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

using request = http::request<http::string_body>;
using response = http::response<http::string_body>;

std::string_view to_std(beast::string_view text) { return {text.data(), text.size()}; }

/// What the program itself answers.
response answer_of_program(const request& asked) {
  response made(http::status::ok, asked.version());
  made.set(http::field::content_type, "text/plain");
  made.body() = "hello\n";
  return made;
}

response answer_of_taskleak(const request& asked) {
  taskleak::debug_response found = taskleak::debug_endpoint::handle(to_std(asked.target()), to_std(asked.method_string()));
  response made(http::int_to_status(static_cast<unsigned>(found.status)), asked.version());
  made.set(http::field::content_type, found.content_type);
  if (!found.allow().empty()) made.set(http::field::allow, std::string(found.allow()));
  made.body() = std::move(found.body);
  return made;
}

response answer(const request& asked) {
  const std::string_view target = to_std(asked.target());
  const bool is_for_taskleak = target.starts_with("/debug/") || target.starts_with("/metrics");
  response made = is_for_taskleak ? answer_of_taskleak(asked) : answer_of_program(asked);
  made.keep_alive(false);
  made.prepare_payload();
  if (asked.method() == http::verb::head) made.body().clear();  // the length is that of the body which GET would get
  return made;
}

/// Reads one request from a client, and answers. A look at the program takes some milliseconds, and `seconds=N` N seconds: that
/// is not for the thread that runs the program's own connections, so each client is served on a thread of a pool.
void serve(asio::ip::tcp::socket client) {
  beast::tcp_stream stream(std::move(client));
  stream.expires_after(std::chrono::seconds(5));
  beast::flat_buffer buffer;
  request asked;
  beast::error_code error;
  http::read(stream, buffer, asked, error);
  if (error) return;
  http::write(stream, answer(asked), error);
  stream.socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
}

}  // namespace

int main(int argc, char** argv) {
  asio::thread_pool pool(4);
  asio::ip::tcp::acceptor acceptor(pool, {asio::ip::make_address("127.0.0.1"), 0});
  std::cout << "http://127.0.0.1:" << acceptor.local_endpoint().port() << "/debug/tasks" << std::endl;
  for (long requests = argc > 1 ? std::atol(argv[1]) : -1; requests != 0; --requests) {
    auto client = std::make_shared<asio::ip::tcp::socket>(acceptor.accept());
    asio::post(pool, [client] { serve(std::move(*client)); });
  }
  pool.join();
}
