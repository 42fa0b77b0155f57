// SPDX-License-Identifier: MIT
/// \file Serves taskleak/debug_endpoint.hpp by a server on cpp-httplib, for a program that has no HTTP server of its own.
///
/// Link taskleak::debug_server, which brings cpp-httplib, and taskleak::runtime.
#ifndef TASKLEAK_DEBUG_SERVER_HPP
#define TASKLEAK_DEBUG_SERVER_HPP

#if !__has_include(<httplib.h>)
#error \
    "taskleak/debug_server.hpp needs cpp-httplib (Debian and Ubuntu: libcpp-httplib-dev): link the CMake target taskleak::debug_server"
#endif

#include <taskleak/debug_endpoint.hpp>
#include <taskleak/detail/live/short_threads.hpp>
#include <taskleak/detail/registry/own_tasks_scope.hpp>

#include <csignal>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include <httplib.h>

namespace taskleak::inline v0 {

struct debug_server_options {
  std::string host = "127.0.0.1";  ///< the address to listen on; another one shows the program to other machines
  int port = 0;                    ///< 0: any that is free, see debug_server::port()
  std::size_t clients = 128;       ///< how many are served at once, each on a thread of its own
};

/// Answers requests to the debug endpoint for as long as this object lives.
///
/// Its threads are taskleak's own: no check finds them, and nobody counts them. They block all signals, so the program's handlers
/// run on the program's threads, as before. A client that does not send its request within two seconds is dropped.
///
///     const taskleak::debug_server server({.port = 8079});  // http://127.0.0.1:8079/debug/tasks
class debug_server {
 public:
  /// Begins to listen. Throws std::runtime_error when that is not possible, for instance since the port is taken, and
  /// std::system_error when there can be no more threads.
  explicit debug_server(debug_server_options options = {}) : clients_(options.clients) {
    const signals_as_they_were kept;
    server_ = std::make_unique<httplib::Server>();
    set_up();
    port_ = options.port == 0 ? server_->bind_to_any_port(options.host) : options.port;
    if (port_ <= 0 || (options.port != 0 && !server_->bind_to_port(options.host, options.port)))
      throw std::runtime_error("taskleak: the debug server cannot listen on " + options.host + ':' +
                               std::to_string(options.port));
    const detail::creates_own_tasks own;
    listener_ = std::thread([this] { server_->listen_after_bind(); });
    while (!server_->is_running()) std::this_thread::yield();  // stop() does nothing before
  }

  debug_server(const debug_server&) = delete;
  debug_server& operator=(const debug_server&) = delete;

  /// Ends the answers under way, and waits for its threads: for two seconds where a client is slow.
  ~debug_server() {
    stop_.request_stop();
    server_->stop();
    listener_.join();
  }

  /// Returns the port that it listens on.
  int port() const noexcept { return port_; }

 private:
  /// Blocks all signals for threads that the calling one makes, and takes back that the library ignores SIGPIPE in the whole
  /// program; its threads have it blocked in place of that.
  class signals_as_they_were {
   public:
    signals_as_they_were() noexcept {
      sigset_t all;
      sigfillset(&all);
      pthread_sigmask(SIG_SETMASK, &all, &mask_);
      sigaction(SIGPIPE, nullptr, &on_broken_pipe_);
    }
    ~signals_as_they_were() {
      sigaction(SIGPIPE, &on_broken_pipe_, nullptr);
      pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
    }
    signals_as_they_were(const signals_as_they_were&) = delete;
    signals_as_they_were& operator=(const signals_as_they_were&) = delete;

   private:
    sigset_t mask_;
    struct sigaction on_broken_pipe_;
  };

  void set_up() {
    constexpr int longest_seconds = 2;
    constexpr std::size_t longest_payload = 64 * 1024;  // of a request that is refused
    server_->new_task_queue = [this] { return new detail::short_threads(clients_); };
    server_->set_keep_alive_max_count(1);  // a client that keeps its connection would keep a thread
    server_->set_read_timeout(longest_seconds);
    server_->set_write_timeout(longest_seconds);
    server_->set_payload_max_length(longest_payload);
    server_->set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      answer(request, response);
      return httplib::Server::HandlerResponse::Handled;
    });
  }

  void answer(const httplib::Request& request, httplib::Response& response) const {
    debug_response made = debug_endpoint::handle(request.target, request.method, stop_.get_token());
    response.status = made.status;
    if (!made.allow().empty()) response.set_header("Allow", std::string(made.allow()));
    response.set_header("Cache-Control", "no-store");
    response.set_header("X-Content-Type-Options", "nosniff");
    response.set_content(std::move(made.body), made.content_type.c_str());
  }

  std::size_t clients_;
  int port_ = 0;
  std::stop_source stop_;
  std::unique_ptr<httplib::Server> server_;
  std::thread listener_;
};

}  // namespace taskleak::inline v0

#endif
