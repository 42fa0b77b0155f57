// SPDX-License-Identifier: MIT
/// \file Adds up a column of numbers; a reader thread sends the rows through a queue that holds two.
///
/// The fix: whichever way the receiver leaves, it closes the queue, which ends a push() that waits, and joins the reader.
#ifndef EXAMPLES_ROW_IMPORT_HPP
#define EXAMPLES_ROW_IMPORT_HPP

#include "../../bounded_queue.hpp"

#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using row_queue = bounded_queue<std::string>;

inline void read_rows(std::shared_ptr<row_queue> rows, std::vector<std::string> file) {
  for (const std::string& row : file)
    if (!rows->push(row)) return;
  rows->close();
}

inline std::optional<int> parse(const std::string& row) {
  int number = 0;
  const auto [end, error] = std::from_chars(row.data(), row.data() + row.size(), number);
  if (error != std::errc() || end != row.data() + row.size()) return std::nullopt;
  return number;
}

struct close_at_exit {
  row_queue& queue;
  ~close_at_exit() { queue.close(); }
};

/// The sum of all rows; none when a row is not a number.
inline std::optional<int> import_rows(const std::vector<std::string>& file) {
  auto rows = std::make_shared<row_queue>(2);
  const std::jthread reader(read_rows, rows, file);
  const close_at_exit closes_before_the_join{*rows};

  int sum = 0;
  while (const auto row = rows->pop()) {
    const auto number = parse(*row);
    if (!number) return std::nullopt;
    sum += *number;
  }
  return sum;
}

#endif
