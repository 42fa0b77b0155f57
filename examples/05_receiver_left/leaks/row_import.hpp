// SPDX-License-Identifier: MIT
/// \file Adds up a column of numbers; a reader coroutine sends the rows through a channel that holds two.
///
/// The bug: at the first bad row the receiver returns. The reader fills the channel and is then suspended in send() until
/// somebody makes room, which nobody will. With short files, where the rows that are left fit into the channel, all seems well.
#ifndef EXAMPLES_ROW_IMPORT_HPP
#define EXAMPLES_ROW_IMPORT_HPP

#include "../../async/channel.hpp"
#include "../../async/task.hpp"

#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using row_channel = async::channel<std::string>;

inline async::detached read_rows(std::shared_ptr<row_channel> rows, std::vector<std::string> file) {
  for (const std::string& row : file) co_await rows->send(row);
  rows->close();
}

inline std::optional<int> parse(const std::string& row) {
  int number = 0;
  const auto [end, error] = std::from_chars(row.data(), row.data() + row.size(), number);
  if (error != std::errc() || end != row.data() + row.size()) return std::nullopt;
  return number;
}

inline async::detached add_up(std::shared_ptr<row_channel> rows, std::optional<int>& sum) {
  int so_far = 0;
  while (const auto row = co_await rows->receive()) {
    const auto number = parse(*row);
    if (!number) co_return;
    so_far += *number;
  }
  sum = so_far;
}

/// The sum of all rows; none when a row is not a number.
inline std::optional<int> import_rows(const std::vector<std::string>& file) {
  auto rows = std::make_shared<row_channel>(2);
  std::optional<int> sum;
  read_rows(rows, file);
  add_up(rows, sum);
  return sum;
}

#endif
