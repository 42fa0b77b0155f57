// SPDX-License-Identifier: MIT
/// \file Tells what is behind the file descriptors of this process, sockets with their addresses.
#ifndef TASKLEAK_DETAIL_INSPECT_DESCRIPTORS_HPP
#define TASKLEAK_DETAIL_INSPECT_DESCRIPTORS_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/platform/open_descriptors.hpp>
#include <taskleak/report.hpp>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
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

/// Returns what the kernel says of a descriptor, see proc_pid_fdinfo(5); empty where it says nothing.
inline std::string fdinfo_of(int fd) {
  std::string text;
  char path[40];
  std::snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return text;
  char part[4096];
  for (ssize_t got; (got = read(file, part, sizeof part)) > 0;) text.append(part, static_cast<std::size_t>(got));
  close(file);
  return text;
}

/// Returns the number behind a key of fdinfo, in the base that the kernel writes it in; -1 where there is none.
inline long long number_in_fdinfo(const std::string& info, const char* key, int base) {
  const std::size_t at = info.find(key);
  return at == std::string::npos ? -1 : std::strtoll(info.c_str() + at + std::strlen(key), nullptr, base);
}

/// Returns `signals 1, 15` for the mask of a signalfd, whose lowest bit stands for signal 1.
inline std::string signals_in_words(unsigned long long mask) {
  std::string words;
  for (int signal = 1; signal <= 64; ++signal)
    if (mask >> (signal - 1) & 1) words.append(words.empty() ? "signals " : ", ").append(std::to_string(signal));
  return words;
}

/// Fills in when a timer of timerfd_create(2) goes off.
inline void look_at_timer(descriptor& d) noexcept {
  itimerspec its{};
  d.goes_off_in.reset();
  d.detail.clear();
  if (timerfd_gettime(d.number, &its) != 0) return;
  if (its.it_value.tv_sec != 0 || its.it_value.tv_nsec != 0)
    d.goes_off_in = std::chrono::seconds(its.it_value.tv_sec) + std::chrono::nanoseconds(its.it_value.tv_nsec);
  else
    d.detail = "not set";
}

/// Fills in what is known of descriptors that are no files: timers, counters, processes, signals.
inline void look_at_anonymous(descriptor& d) {
  if (d.target == "anon_inode:[timerfd]") {
    look_at_timer(d);
  } else if (d.target == "anon_inode:[eventfd]") {
    if (const long long count = number_in_fdinfo(fdinfo_of(d.number), "eventfd-count:", 16); count >= 0)
      d.detail = "count " + std::to_string(count);
  } else if (d.target == "anon_inode:[pidfd]") {
    if (const long long pid = number_in_fdinfo(fdinfo_of(d.number), "Pid:", 10); pid >= 0)
      d.detail = pid > 0 ? "process " + std::to_string(pid) : "a process";
    else
      d.detail = "a process that has ended";  // the kernel writes -1 then
  } else if (d.target == "anon_inode:[signalfd]") {
    if (const std::string info = fdinfo_of(d.number); info.find("sigmask:") != std::string::npos)
      d.detail = signals_in_words(std::strtoull(info.c_str() + info.find("sigmask:") + 8, nullptr, 16));
  }
}

/// Looks at a descriptor as it is now. If another thread closes the descriptor meanwhile, the answer is of whatever has its
/// number.
inline descriptor look_at_descriptor(int fd) {
  descriptor d;
  d.number = fd;
  char room[256];
  d.target = target_of_descriptor(fd, room);
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {  // no socket
    look_at_anonymous(d);
    return d;
  }
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
  const std::string info = fdinfo_of(fd);
  for (std::size_t at = info.find("tfd:"); at != std::string::npos; at = info.find("tfd:", at + 4))
    watched.push_back(std::atoi(info.c_str() + at + 4));
  return watched;
}

}  // namespace taskleak::inline v0::detail

#endif
