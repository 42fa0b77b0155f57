// SPDX-License-Identifier: MIT
/// \file Decides which frames of a stack become rows of a report, and where some are left out.
#ifndef TASKLEAK_DETAIL_REPORT_TEXT_STACK_ROWS_HPP
#define TASKLEAK_DETAIL_REPORT_TEXT_STACK_ROWS_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/inspect/stack_gap.hpp>
#include <taskleak/report.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Holds a frame, or a gap where some frames are left out.
struct stack_row {
  const frame* of = nullptr;  ///< null for a gap
  std::size_t left_out = 0;   ///< how many frames the gap stands for
};

inline bool are_equal_rows(const frame& a, const frame& b) noexcept {
  return a.line == b.line && a.function == b.function && a.file == b.file;
}

/// Puts one gap in the place of the rows in the middle, so that at most `limit` frames are left, two thirds of them inner ones.
inline void keep_both_ends(light_vector<stack_row>& rows, std::size_t limit) {
  std::size_t frames = 0;
  for (const stack_row& row : rows) frames += row.of ? 1 : 0;
  if (frames <= limit) return;
  const std::size_t outer = limit / 3;
  const std::size_t inner = limit - outer;
  light_vector<stack_row> kept;
  stack_row gap;
  std::size_t passed = 0;
  for (const stack_row& row : rows) {
    const bool is_middle = row.of ? passed >= inner && passed < frames - outer : passed >= inner && passed <= frames - outer;
    passed += row.of ? 1 : 0;
    if (is_middle) {
      gap.left_out += row.of ? 1 : row.left_out;
      continue;
    }
    if (gap.left_out > 0 && passed > inner) kept.push_back(std::exchange(gap, {}));
    kept.push_back(row);
  }
  if (gap.left_out > 0) kept.push_back(gap);
  rows = std::move(kept);
}

/// Returns the rows of a stack, innermost first, without plumbing unless the limits ask for it, and with at most
/// limits.frames frames, from both ends. Neighbours that would look the same are one row; if a function has called itself more
/// than once, a gap counts the other calls.
inline light_vector<stack_row> rows_of(const std::vector<frame>& stack, const report_limits& limits) {
  light_vector<stack_row> rows;
  const frame* before = nullptr;
  std::size_t again = 0;
  const auto end_of_repetition = [&] {
    if (again > 1) rows.push_back({nullptr, again});
    again = 0;
  };
  for (const frame& f : stack) {
    if (f.plumbing && !limits.all_frames) continue;
    const bool is_gap = stands_for_others(f);
    if (!is_gap && before && are_equal_rows(f, *before)) {
      ++again;
      continue;
    }
    if (is_gap && again > 0) {
      again += f.line;
      continue;
    }
    end_of_repetition();
    rows.push_back(is_gap ? stack_row{nullptr, f.line} : stack_row{&f, 0});
    before = is_gap ? before : &f;
  }
  end_of_repetition();
  keep_both_ends(rows, limits.frames);
  return rows;
}

/// Returns a number as people read it: `99,700`.
inline std::string with_thousands(std::size_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

}  // namespace taskleak::inline v0::detail

#endif
