// SPDX-License-Identifier: MIT
/// \file Uploads files, each in a coroutine of its own, and tells when all are through.
///
/// The fix: done() is called by a destructor, however the transfer ends.
#ifndef EXAMPLES_UPLOAD_HPP
#define EXAMPLES_UPLOAD_HPP

#include "../../async/task.hpp"
#include "../../async/wait_group.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

struct upload_events {
  std::function<void(const std::string& file)> failed;
  std::function<void()> finished;
};

struct upload_batch {
  upload_events events;
  async::wait_group open;
};

/// The number of bytes sent.
inline async::task<std::size_t> transfer(std::string file) {
  if (file.empty()) throw std::invalid_argument("a file needs a name");
  co_return file.size();
}

struct done_at_exit {
  async::wait_group& group;
  ~done_at_exit() { group.done(); }
};

inline async::detached upload_one(std::shared_ptr<upload_batch> batch, std::string file) {
  const done_at_exit done{batch->open};
  try {
    co_await transfer(file);
  } catch (const std::exception&) {
    batch->events.failed(file);
  }
}

inline async::detached finish(std::shared_ptr<upload_batch> batch) {
  co_await batch->open.wait();
  batch->events.finished();
}

inline void upload_all(const std::vector<std::string>& files, upload_events events) {
  auto batch = std::make_shared<upload_batch>();
  batch->events = std::move(events);
  batch->open.add(files.size());
  for (const std::string& file : files) upload_one(batch, file);
  finish(batch);
}

#endif
