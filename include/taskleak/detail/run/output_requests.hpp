// SPDX-License-Identifier: MIT
/// \file Holds what `format=NAME:output=PATH` asks for: which format goes where.
#ifndef TASKLEAK_DETAIL_RUN_OUTPUT_REQUESTS_HPP
#define TASKLEAK_DETAIL_RUN_OUTPUT_REQUESTS_HPP

#include <string>
#include <string_view>
#include <vector>

namespace taskleak::inline v0::detail {

struct output_request {
  std::string format{};  ///< its name; empty while only a path has been given
  std::string path{};    ///< as it was given; empty for stderr, "-" for stdout
};

/// Collects formats and paths as they come: a path belongs to the format before it, or, where that has one, to the next.
class output_requests {
 public:
  void add_format(std::string_view name) {
    if (!all_.empty() && all_.back().format.empty())
      all_.back().format = name;
    else
      all_.push_back({std::string(name)});
  }

  /// Returns false for a second path in a row, which belongs to no format.
  bool add_path(std::string_view path) {
    if (all_.empty() || (!all_.back().format.empty() && !all_.back().path.empty())) {
      all_.push_back({{}, std::string(path)});
      return true;
    }
    if (all_.back().format.empty()) return false;
    all_.back().path = path;
    return true;
  }

  const std::vector<output_request>& all() const noexcept { return all_; }

 private:
  std::vector<output_request> all_;
};

}  // namespace taskleak::inline v0::detail

#endif
