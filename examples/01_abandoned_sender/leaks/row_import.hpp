// SPDX-License-Identifier: MIT
/// \file Adds up a column of numbers; a reader thread sends the rows through a queue that holds two.
///
/// The bug: at the first bad row the receiver returns. The reader fills the queue and then waits in push() for room that nobody
/// will ever make. With short files, where the rows that are left fit into the queue, all seems well.
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
  for (const std::string& row : file) rows->push(row);
  rows->close();
}

inline std::optional<int> parse(const std::string& row) {
  int number = 0;
  const auto [end, error] = std::from_chars(row.data(), row.data() + row.size(), number);
  if (error != std::errc() || end != row.data() + row.size()) return std::nullopt;
  return number;
}

/// The sum of all rows; none when a row is not a number.
inline std::optional<int> import_rows(const std::vector<std::string>& file) {
  auto rows = std::make_shared<row_queue>(2);
  std::thread(read_rows, rows, file).detach();

  int sum = 0;
  while (const auto row = rows->pop()) {
    const auto number = parse(*row);
    if (!number) return std::nullopt;
    sum += *number;
  }
  return sum;
}

#endif
