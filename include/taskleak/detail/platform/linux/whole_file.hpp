// SPDX-License-Identifier: MIT
/// \file Writes a whole file at once.
#ifndef TASKLEAK_DETAIL_PLATFORM_LINUX_WHOLE_FILE_HPP
#define TASKLEAK_DETAIL_PLATFORM_LINUX_WHOLE_FILE_HPP

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <ctime>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Returns why a file of this path cannot be written, an errno; 0 where nothing stands in the way. Leaves the file as it is, and
/// makes none.
inline int obstacle_to_file(const std::string& path) {
  struct stat what {};
  if (::stat(path.c_str(), &what) == 0) {
    if (S_ISDIR(what.st_mode)) return EISDIR;
    return ::access(path.c_str(), W_OK) == 0 ? 0 : errno;
  }
  if (errno != ENOENT) return errno;
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  if (slash + 1 == path.size()) return EISDIR;
  return ::access(folder.c_str(), W_OK | X_OK) == 0 ? 0 : errno;
}

/// Keeps SIGPIPE from the calling thread, and takes away one that it has caused itself: a reader that has gone must not end the
/// program.
class without_sigpipe {
 public:
  without_sigpipe() noexcept {
    sigset_t pending;
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    was_pending_ = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  without_sigpipe(const without_sigpipe&) = delete;
  without_sigpipe& operator=(const without_sigpipe&) = delete;
  ~without_sigpipe() {
    const timespec at_once{};
    if (!was_pending_)
      while (sigtimedwait(&pipe_, nullptr, &at_once) < 0 && errno == EINTR) {
      }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_;
  sigset_t before_;
  bool was_pending_;
};

/// Puts the text in the place of all that the file has, making the file where needed. Returns what went wrong, an errno; 0 when
/// nothing did.
inline int put_into_file(const std::string& path, std::string_view text) noexcept {
  const without_sigpipe whole;
  // why O_NONBLOCK: a named pipe without a reader must not hold up the end of the run
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
  if (file < 0) return errno;
  int error = ::fcntl(file, F_SETFL, 0) == 0 ? 0 : errno;
  while (error == 0 && !text.empty()) {
    const ssize_t put = ::write(file, text.data(), text.size());
    if (put >= 0)
      text.remove_prefix(static_cast<std::size_t>(put));
    else if (errno != EINTR)
      error = errno;
  }
  if (::close(file) != 0 && error == 0 && errno != EINTR) error = errno;
  return error;
}

}  // namespace taskleak::inline v0::detail

#endif
