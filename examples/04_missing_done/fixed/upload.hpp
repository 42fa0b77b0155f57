// SPDX-License-Identifier: MIT
/// \file Uploads files, each on a thread of its own, and tells when all are through.
///
/// The fix: done() is called by a destructor, however the transfer ends. The threads are still detached, and end by themselves:
/// a check gives them time to.
#ifndef EXAMPLES_UPLOAD_HPP
#define EXAMPLES_UPLOAD_HPP

#include "../../wait_group.hpp"

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

struct upload_events {
  std::function<void(const std::string& file)> failed;
  std::function<void()> finished;
};

struct upload_batch {
  upload_events events;
  wait_group open;
};

inline void transfer(const std::string& file) {
  if (file.empty()) throw std::invalid_argument("a file needs a name");
}

struct done_at_exit {
  wait_group& group;
  ~done_at_exit() { group.done(); }
};

inline void upload_one(std::shared_ptr<upload_batch> batch, std::string file) {
  const done_at_exit done{batch->open};
  try {
    transfer(file);
  } catch (const std::exception&) {
    batch->events.failed(file);
  }
}

inline void finish(std::shared_ptr<upload_batch> batch) {
  batch->open.wait();
  batch->events.finished();
}

inline void upload_all(const std::vector<std::string>& files, upload_events events) {
  auto batch = std::make_shared<upload_batch>();
  batch->events = std::move(events);
  batch->open.add(files.size());
  for (const std::string& file : files) std::thread(upload_one, batch, file).detach();
  std::thread(finish, batch).detach();
}

#endif
