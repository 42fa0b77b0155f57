// SPDX-License-Identifier: MIT
/// \file Tells what is behind the file descriptors of this process, sockets with their addresses.
#ifndef TASKLEAK_DETAIL_INSPECT_DESCRIPTORS_HPP
#define TASKLEAK_DETAIL_INSPECT_DESCRIPTORS_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/report.hpp>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Returns an address as `127.0.0.1:8080`, `[::1]:8080`, `/run/x.sock`, or `@name` in the abstract namespace of unix(7); empty
/// for a socket without a name.
inline std::string socket_address_in_words(const sockaddr_storage& address, socklen_t size) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address, sizeof in);
    if (in.sin_port == 0) return {};
    inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
    return std::string(text) + ':' + std::to_string(ntohs(in.sin_port));
  }
  if (address.ss_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &address, sizeof in);
    if (in.sin6_port == 0) return {};
    inet_ntop(AF_INET6, &in.sin6_addr, text, sizeof text);
    return '[' + std::string(text) + "]:" + std::to_string(ntohs(in.sin6_port));
  }
  if (address.ss_family != AF_UNIX || size <= offsetof(sockaddr_un, sun_path)) return {};
  sockaddr_un un{};
  std::memcpy(&un, &address, sizeof un);
  const std::size_t length = size - offsetof(sockaddr_un, sun_path);
  if (un.sun_path[0] == '\0') return '@' + std::string(un.sun_path + 1, length - 1);
  return std::string(un.sun_path, strnlen(un.sun_path, length));
}

inline int socket_option(int fd, int option) noexcept {
  int value = 0;
  socklen_t size = sizeof value;
  return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

inline std::string protocol_of_socket(int fd) {
  const int domain = socket_option(fd, SO_DOMAIN);
  if (domain == AF_UNIX) return "unix";
  if (domain != AF_INET && domain != AF_INET6) return "family " + std::to_string(domain);
  switch (socket_option(fd, SO_PROTOCOL)) {
    case IPPROTO_TCP: return "tcp";
    case IPPROTO_UDP: return "udp";
    default: return domain == AF_INET ? "ip" : "ipv6";
  }
}

/// Looks at a descriptor as it is now. If another thread closes the descriptor meanwhile, the answer is of whatever has its
/// number.
inline descriptor look_at_descriptor(int fd) {
  descriptor d;
  d.number = fd;
  char path[32], target[256];
  std::snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(path, target, sizeof target);
  if (length > 0) d.target.assign(target, static_cast<std::size_t>(length));
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return d;  // no socket
  d.protocol = protocol_of_socket(fd);
  d.local = socket_address_in_words(address, size);
  d.is_listening = socket_option(fd, SO_ACCEPTCONN) == 1;
  address = {};
  size = sizeof address;
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0) d.peer = socket_address_in_words(address, size);
  return d;
}

/// Returns the descriptors that an epoll instance watches, `tfd` of proc_pid_fdinfo(5).
inline light_vector<int> watched_by_epoll(int fd) {
  light_vector<int> watched;
  char path[40];
  std::snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return watched;
  char text[4096];
  const ssize_t got = read(file, text, sizeof text - 1);
  close(file);
  text[got > 0 ? got : 0] = '\0';
  for (const char* at = std::strstr(text, "tfd:"); at; at = std::strstr(at + 4, "tfd:")) watched.push_back(std::atoi(at + 4));
  return watched;
}

}  // namespace taskleak::inline v0::detail

#endif
