// SPDX-License-Identifier: MIT
/// \file Reads a whole file that a user names, whatever it is: not for ever, and not until memory is full.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_BOUNDED_FILE_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_BOUNDED_FILE_HPP

#include <taskleak/detail/base/text.hpp>
#include <taskleak/detail/platform/bounded_text.hpp>

#include <fmt/core.h>

#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Opens a file, pipe or device for reading, and waits for data of a pipe for a bounded time.
class bounded_reader {
 public:
  explicit bounded_reader(const std::string& path) noexcept
      // why: without O_NONBLOCK the open itself waits until somebody opens a pipe's other end
      : descriptor_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {}
  bounded_reader(const bounded_reader&) = delete;
  bounded_reader& operator=(const bounded_reader&) = delete;
  ~bounded_reader() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  bounded_text read(std::size_t most) {
    bounded_text result;
    struct stat what {};
    if (descriptor_ < 0 || ::fstat(descriptor_, &what) != 0) {
      result.error = system_message(errno);
      return result;
    }
    const bool is_pipe = S_ISFIFO(what.st_mode);
    int waits = 0;
    char buffer[16384];
    for (;;) {
      const ssize_t got = ::read(descriptor_, buffer, sizeof buffer);
      if (got > 0) {
        const auto size = static_cast<std::size_t>(got);
        // data that is no text is not read to its end: a device has none
        const bool ends_here = std::string_view(buffer, size).find('\0') != std::string_view::npos;
        result.text.append(buffer, size);
        waits = 0;
        if (ends_here) return result;
        if (result.text.size() > most) {
          result.error = too_large(most);
          return result;
        }
        continue;
      }
      // a pipe that nobody has opened for writing yet looks as if it had ended
      const bool has_begun = !is_pipe || !result.text.empty();
      if (got == 0 && has_begun) return result;
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno != EAGAIN) {
        result.error = system_message(errno);
        return result;
      }
      if (++waits > longest_wait_ms / poll_ms) {
        result.error = fmt::format("nothing was written to it within {} s", longest_wait_ms / 1000);
        return result;
      }
      pollfd ready{descriptor_, POLLIN, 0};
      // a pipe without a writer is ready at once, with nothing
      if (::poll(&ready, 1, poll_ms) > 0 && (ready.revents & POLLIN) == 0) ::poll(nullptr, 0, poll_ms);
    }
  }

 private:
  static constexpr int longest_wait_ms = 5000;
  static constexpr int poll_ms = 20;

  int descriptor_;
};

inline bounded_text read_bounded(const std::string& path, std::size_t most) { return bounded_reader(path).read(most); }

}  // namespace taskleak::inline v0::detail

#endif
