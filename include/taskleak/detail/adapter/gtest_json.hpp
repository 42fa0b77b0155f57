// SPDX-License-Identifier: MIT
/// \file Adds what failed outside of tests to GoogleTest's JSON: the root does not count it, and GoogleTest 1.12 and older
/// cannot write it.
#ifndef TASKLEAK_DETAIL_ADAPTER_GTEST_JSON_HPP
#define TASKLEAK_DETAIL_ADAPTER_GTEST_JSON_HPP

#include <taskleak/detail/base/algorithms.hpp>
#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/base/requirements.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace taskleak::inline v0::detail {

/// Holds a number that stands in JSON behind a key, and where.
struct json_number {
  std::size_t at = 0;
  std::size_t length = 0;  ///< 0 where there is none
  long value = 0;
};

/// Holds the counters of one object of GoogleTest's JSON, the root or a suite, and what is listed in it.
struct json_counters {
  json_number tests, failures;
  long tests_listed = 0, failures_listed = 0;
};

struct json_suites {
  json_counters root;
  light_vector<json_counters> suites;
  std::size_t end = 0;  ///< where the list of suites ends; 0 where the text is no such JSON
};

inline json_suites read_json_suites(std::string_view json) {
  constexpr int in_root = 1, in_list = 2, in_suite = 3, in_tests = 4, in_test = 5;
  json_suites found;
  std::string_view last;  // the last text, maybe a key
  int depth = 0;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (c == '"') {
      std::size_t end = at + 1;
      while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2U : 1U;
      if (end >= json.size()) return {};
      last = json.substr(at + 1, end - at - 1);
      at = end;
    } else if (c == '{' || c == '[') {
      if (depth == in_list) found.suites.emplace_back();
      if (depth == in_tests && !found.suites.empty()) ++found.suites.back().tests_listed;
      if (depth == in_test && c == '[' && last == "failures" && !found.suites.empty()) ++found.suites.back().failures_listed;
      ++depth;
    } else if (c == '}' || c == ']') {
      if (--depth == in_root && c == ']') found.end = at;
    } else if (c >= '0' && c <= '9') {
      const std::size_t end = std::min(json.find_first_not_of("0123456789", at), json.size());
      if (end - at > 9) return {};
      const json_number number{at, end - at, std::atol(std::string(json.substr(at, end - at)).c_str())};
      at = end - 1;
      if ((depth != in_root && (depth != in_suite || found.suites.empty())) || (last != "tests" && last != "failures")) continue;
      json_counters& of = depth == in_root ? found.root : found.suites.back();
      (last == "tests" ? of.tests : of.failures) = number;
    }
  }
  return depth == 0 ? found : json_suites{};
}

/// Returns GoogleTest's JSON with suites whose counters are at least what is listed in them, and a root whose counters are at
/// least the sums of those of the suites. Text that is none is returned as it is.
inline std::string with_failures_counted_in_json(std::string json) {
  json_suites found = read_json_suites(json);
  light_vector<std::pair<json_number, long>> raised;
  const auto raise = [&](const json_number& number, long to) {
    if (number.length > 0 && number.value < to) raised.emplace_back(number, to);
    return std::max(number.value, to);
  };
  for (const json_counters& suite : found.suites) {
    found.root.tests_listed += raise(suite.tests, suite.tests_listed);
    found.root.failures_listed += raise(suite.failures, suite.failures_listed);
  }
  raise(found.root.tests, found.root.tests_listed);
  raise(found.root.failures, found.root.failures_listed);
  // from the back, so that places stay
  detail::sort(raised, [](const auto& a, const auto& b) { return a.first.at > b.first.at; });
  for (const auto& [number, to] : raised) json.replace(number.at, number.length, std::to_string(to));
  return json;
}

inline std::string json_text(std::string_view text) {
  constexpr const char* digits = "0123456789abcdef";
  std::string made;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      made.append(1, '\\').append(1, c);
    } else if (c == '\n') {
      made += "\\n";
    } else if (code < 0x20) {
      made.append("\\u00").append(1, digits[code >> 4]).append(1, digits[code & 15]);
    } else {
      made += c;
    }
  }
  return made;
}

/// Returns GoogleTest's JSON with the text as a failure outside of any test, in the words of GoogleTest 1.13 and newer. Text that
/// is none is returned as it is.
inline std::string with_failure_in_json(std::string json, std::string_view text) {
  const json_suites found = read_json_suites(json);
  if (found.end == 0) return json;
  const std::string message = json_text(text);
  std::string suite = found.suites.empty() ? "" : ",";
  suite +=
      "\n    {\n      \"name\": \"NonTestSuiteFailure\",\n      \"tests\": 1,\n      \"failures\": 1,\n      \"disabled\": 0,\n"
      "      \"errors\": 0,\n      \"time\": \"0s\",\n      \"testsuite\": [\n        {\n          \"name\": \"\",\n"
      "          \"status\": \"RUN\",\n          \"result\": \"COMPLETED\",\n          \"time\": \"0s\",\n"
      "          \"classname\": \"\",\n          \"failures\": [\n            {\n              \"failure\": \"" +
      message + "\",\n              \"type\": \"\"\n            }\n          ]\n        }\n      ]\n    }\n  ";
  // in front of the white space before the bracket
  const std::size_t at = json.find_last_not_of(" \n", found.end - 1) + 1;
  json.replace(at, found.end - at, suite);
  return with_failures_counted_in_json(std::move(json));
}

}  // namespace taskleak::inline v0::detail

#endif
