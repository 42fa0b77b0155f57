// SPDX-License-Identifier: MIT
/// \file The debug server, asked by clients of all kinds.
#include <taskleak/debug_server.hpp>
#include <taskleak/guard.hpp>
#include <taskleak/snapshot.hpp>

#include "../unit/parked_thread.hpp"
#include "difference.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// A connection to the server, or none.
class connection {
 public:
  explicit connection(int port, const char* address = "127.0.0.1") : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    inet_pton(AF_INET, address, &to.sin_addr);
    is_open_ = connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
  ~connection() { close(socket_); }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  bool is_open() const { return is_open_; }
  void send(std::string_view text) const { ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL); }
  /// Reads until the server closes the connection.
  std::string read_all() const {
    std::string all;
    char some[4096];
    for (ssize_t count; (count = recv(socket_, some, sizeof some, 0)) > 0;) all.append(some, static_cast<std::size_t>(count));
    return all;
  }

 private:
  int socket_;
  bool is_open_ = false;
};

std::string request(const std::string& method, const std::string& target) {
  return method + ' ' + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
}

std::string ask(const taskleak::debug_server& server, const std::string& target, const std::string& method = "GET") {
  const connection to(server.port());
  to.send(request(method, target));
  return to.read_all();
}

TEST(DebugServer, AnswersOnThisMachineAlone) {
  const taskleak::debug_server server;
  EXPECT_GT(server.port(), 0);
  EXPECT_THAT(ask(server, "/debug/tasks"),
              AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("Content-Type: text/html"), HasSubstr("Tasks of ")));
  EXPECT_THAT(ask(server, "/metrics"), HasSubstr("Content-Type: text/plain; version=0.0.4"));
  // all of 127.0.0.0/8 is this machine's, and it listens on one address of it
  EXPECT_FALSE(connection(server.port(), "127.0.0.2").is_open());
}

TEST(DebugServer, ListensWhereItIsTold) {
  const taskleak::debug_server everywhere({.host = "0.0.0.0"});
  EXPECT_TRUE(connection(everywhere.port(), "127.0.0.2").is_open());
}

TEST(DebugServer, SaysWhenAPortIsTaken) {
  const int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof here;
  ASSERT_EQ(bind(listening, reinterpret_cast<const sockaddr*>(&here), size), 0);
  ASSERT_EQ(listen(listening, 1), 0);
  ASSERT_EQ(getsockname(listening, reinterpret_cast<sockaddr*>(&here), &size), 0);
  EXPECT_THROW(taskleak::debug_server({.port = ntohs(here.sin_port)}), std::runtime_error);
  close(listening);
}

TEST(DebugServer, RefusesOtherMethodsUnknownTargetsAndBadValues) {
  const taskleak::debug_server server;
  EXPECT_THAT(ask(server, "/debug/tasks", "POST"), AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: GET, HEAD\r\n")));
  EXPECT_THAT(ask(server, "/debug/tasks", "DELETE"), StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(ask(server, "/debug/nothing"), AllOf(StartsWith("HTTP/1.1 404 "), HasSubstr("/debug/pprof/tasks: ")));
  EXPECT_THAT(ask(server, "/debug/pprof/tasks?debug=x"), AllOf(StartsWith("HTTP/1.1 400 "), HasSubstr("allowed: 0, 1, 2")));
}

TEST(DebugServer, SendsNoBodyToHead) {
  const taskleak::debug_server server;
  const std::string answer = ask(server, "/metrics", "HEAD");
  EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("Content-Length: ")));
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST(DebugServer, ItsThreadsAreNoTasks) {
  const std::size_t before = taskleak::task_count();
  taskleak::guard guard;
  const taskleak::debug_server server;
  EXPECT_THAT(ask(server, "/debug/pprof/tasks?debug=1"), Not(HasSubstr("httplib")));
  EXPECT_EQ(taskleak::task_count(), before);
  EXPECT_TRUE(taskleak::find(unit::at_once).stragglers.empty());
  EXPECT_TRUE(guard.check());
}

TEST(DebugServer, LeavesTheProgramsSignalsAsTheyAre) {
  struct sigaction before {};
  sigset_t mask_before, mask;
  sigaction(SIGPIPE, nullptr, &before);
  pthread_sigmask(SIG_SETMASK, nullptr, &mask_before);
  const taskleak::debug_server server;
  struct sigaction now {};
  sigaction(SIGPIPE, nullptr, &now);
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  EXPECT_EQ(now.sa_handler, before.sa_handler);
  for (int signal = 1; signal < NSIG; ++signal)
    EXPECT_EQ(sigismember(&mask, signal), sigismember(&mask_before, signal)) << signal;
}

TEST(DebugServer, AClientThatGoesBeforeItsAnswerEndsNobody) {
  const taskleak::debug_server server;
  for (int i = 0; i < 20; ++i) connection(server.port()).send(request("GET", "/debug/tasks"));
  EXPECT_THAT(ask(server, "/metrics"), StartsWith("HTTP/1.1 200 "));
}

TEST(DebugServer, EndsAtOnceWhileADifferenceIsWaitedFor) {
  std::string answer;
  std::thread client;
  {
    const taskleak::debug_server server;
    client = std::thread([&answer, &server] { answer = ask(server, "/debug/pprof/tasks?seconds=600"); });
    live::until_difference_waits();
  }
  client.join();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
}

/// Two threads that hand a number to and fro, and one that is blocked in a system call.
class working_program {
 public:
  working_program()
      : ping_([this] { play(0); }), pong_([this] { play(1); }), reader_([this] {
          char byte;
          reads_end_ = ::read(pipe_[0], &byte, 1);
          error_ = errno;
        }) {}
  long rounds() const { return ball_.load(); }
  void end() {
    is_over_ = true;
    ball_.fetch_add(1);  // so that neither waits on for what it has seen
    ball_.notify_all();
    EXPECT_EQ(::write(pipe_[1], "x", 1), 1);
    ping_.join();
    pong_.join();
    reader_.join();
    EXPECT_EQ(reads_end_, 1) << "the call was interrupted: " << error_;
    close(pipe_[0]);
    close(pipe_[1]);
  }

 private:
  void play(long side) {
    for (long at = side; !is_over_; at += 2) {
      for (long now; !is_over_ && (now = ball_.load()) != at;) ball_.wait(now);
      if (is_over_) return;
      ball_.store(at + 1);
      ball_.notify_all();
    }
  }
  static int* make_pipe(int* ends) {
    EXPECT_EQ(::pipe(ends), 0);
    return ends;
  }

  int pipe_[2];
  const int* made_ = make_pipe(pipe_);
  std::atomic<bool> is_over_{false};
  std::atomic<long> ball_{0};
  ssize_t reads_end_ = 0;
  int error_ = 0;
  std::thread ping_, pong_, reader_;
};

TEST(DebugServer, AHundredClientsOfWhichManyAreSlowDisturbNobody) {
  working_program program;
  const taskleak::debug_server server;
  const std::string half = request("GET", "/debug/tasks").substr(0, 30);
  std::vector<std::unique_ptr<connection>> halves;
  for (int i = 0; i < 40; ++i) {
    halves.push_back(std::make_unique<connection>(server.port()));
    halves.back()->send(half);
  }
  const char* const targets[] = {"/debug/tasks", "/debug/pprof/tasks", "/debug/pprof/tasks?debug=1", "/debug/pprof/tasks?debug=2",
                                 "/metrics",     "/debug/pprof/"};
  std::latch begin(60);
  std::vector<std::string> answers(60);
  std::vector<std::thread> clients;
  for (std::size_t i = 0; i < answers.size(); ++i)
    clients.emplace_back([&, i] {
      begin.arrive_and_wait();
      answers[i] = ask(server, targets[i % std::size(targets)]);
    });
  for (std::thread& client : clients) client.join();
  for (const std::string& answer : answers) EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  const long rounds = program.rounds();
  unit::until([&] { return program.rounds() > rounds + 10; });
  program.end();
}

}  // namespace
