// SPDX-License-Identifier: MIT
/// \file Adds up a column of numbers; a reader coroutine sends the rows through a channel that holds two.
///
/// The fix: whichever way the receiver leaves, it closes the channel, which ends the send() that the reader is suspended in.
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
  for (const std::string& row : file)
    if (!co_await rows->send(row)) co_return;
  rows->close();
}

inline std::optional<int> parse(const std::string& row) {
  int number = 0;
  const auto [end, error] = std::from_chars(row.data(), row.data() + row.size(), number);
  if (error != std::errc() || end != row.data() + row.size()) return std::nullopt;
  return number;
}

struct close_at_exit {
  row_channel& rows;
  ~close_at_exit() { rows.close(); }
};

inline async::detached add_up(std::shared_ptr<row_channel> rows, std::optional<int>& sum) {
  const close_at_exit closes{*rows};
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
