// SPDX-License-Identifier: MIT
/// \file Tests that leave file descriptors open, or only seem to.
#include <gtest/gtest.h>

#include <array>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

int file_of_suite = -1;
int server_of_suite = -1;

class Descriptors : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    file_of_suite = open("/dev/null", O_RDONLY | O_CLOEXEC);
    server_of_suite = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    listen(server_of_suite, 1);  // on any free port
  }
  static void TearDownTestSuite() {
    close(file_of_suite);
    close(server_of_suite);
  }
};

TEST_F(Descriptors, OfAFileAndASocketAreLeft) {
  EXPECT_GE(open("/dev/zero", O_RDONLY | O_CLOEXEC), 0);
  sockaddr_in server{};
  socklen_t size = sizeof server;
  ASSERT_EQ(getsockname(server_of_suite, reinterpret_cast<sockaddr*>(&server), &size), 0);
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(connect(client, reinterpret_cast<const sockaddr*>(&server), size), 0);
}

TEST_F(Descriptors, AreClosed) {
  std::array<int, 2> ends;
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  close(ends[0]);
  close(ends[1]);
}

TEST_F(Descriptors, OfTheSuiteAreOpenedAgainUnderAnotherNumber) {
  const int other = eventfd(0, EFD_CLOEXEC);
  const int again = open("/dev/null", O_RDONLY | O_CLOEXEC);
  close(file_of_suite);
  file_of_suite = again;
  close(other);
}

TEST_F(Descriptors, AreClosedByAThreadThatIsAboutToEnd) {
  const int fd = eventfd(0, EFD_CLOEXEC);
  std::thread([fd] {
    std::this_thread::yield();
    close(fd);
  }).detach();
}

TEST_F(Descriptors, AreLeftBesideAThread) {
  EXPECT_GE(eventfd(5, EFD_CLOEXEC), 0);
  std::thread([] {
    for (;;) pause();
  }).detach();
}

}  // namespace
