// SPDX-License-Identifier: MIT
/// \file Takes the target of an HTTP request apart: its path, and the parameters behind the `?`.
#ifndef TASKLEAK_DETAIL_LIVE_TARGET_HPP
#define TASKLEAK_DETAIL_LIVE_TARGET_HPP

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Returns the text without the escapes of RFC 3986, section 2.1; nothing where one is broken.
inline std::optional<std::string> unescaped(std::string_view text) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain.push_back(text[i]);
      continue;
    }
    const int high = i + 2 < text.size() ? digit(text[i + 1]) : -1;
    const int low = high < 0 ? -1 : digit(text[i + 2]);
    if (low < 0) return std::nullopt;
    plain.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return plain;
}

struct request_target {
  std::string path;  ///< without a `/` at its end
  std::vector<std::pair<std::string, std::string>> parameters;
  bool is_broken = false;  ///< whether an escape is none
};

inline request_target parse_target(std::string_view target) {
  target = target.substr(0, target.find('#'));
  const std::size_t mark = target.find('?');
  request_target parsed;
  const auto take = [&](std::string_view text) {
    std::optional<std::string> plain = unescaped(text);
    if (!plain) parsed.is_broken = true;
    return plain ? *std::move(plain) : std::string();
  };
  parsed.path = take(target.substr(0, mark));
  while (parsed.path.size() > 1 && parsed.path.ends_with('/')) parsed.path.pop_back();
  for (std::string_view rest = mark == target.npos ? std::string_view() : target.substr(mark + 1); !rest.empty();) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(pair.size() < rest.size() ? pair.size() + 1 : pair.size());
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    parsed.parameters.emplace_back(take(pair.substr(0, equals)),
                                   equals == pair.npos ? std::string() : take(pair.substr(equals + 1)));
  }
  return parsed;
}

}  // namespace taskleak::inline v0::detail

#endif
