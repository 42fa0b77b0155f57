// SPDX-License-Identifier: MIT
/// \file What failed outside of tests, in GoogleTest's JSON: the root does not count it, and GoogleTest 1.12 and older cannot
/// write it.
#ifndef TASKLEAK_DETAIL_ADAPTER_GTEST_JSON_HPP
#define TASKLEAK_DETAIL_ADAPTER_GTEST_JSON_HPP

#include <taskleak/detail/base/requirements.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace taskleak::inline v0::detail {

/// A number that stands in JSON behind a key, and where.
struct json_number {
  std::size_t at = 0;
  std::size_t length = 0;  ///< 0 where there is none
  long value = 0;
};

/// Holds the counters in the root of GoogleTest's JSON, the sums of those of its suites, and where its list of suites ends.
struct json_counters {
  json_number tests, failures;
  long tests_of_suites = 0, failures_of_suites = 0;
  std::size_t end_of_suites = 0;  ///< 0 where the text is no such JSON
  bool has_suites = false;
};

inline json_counters read_json_counters(std::string_view json) {
  constexpr int in_root = 1, in_list = 2, in_suite = 3;
  json_counters found;
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
      found.has_suites = found.has_suites || depth == in_list;
      ++depth;
    } else if (c == '}' || c == ']') {
      if (--depth == in_root && c == ']') found.end_of_suites = at;
    } else if (c >= '0' && c <= '9') {
      const std::size_t end = std::min(json.find_first_not_of("0123456789", at), json.size());
      if (end - at > 9) return {};
      const json_number number{at, end - at, std::atol(std::string(json.substr(at, end - at)).c_str())};
      at = end - 1;
      const bool is_tests = last == "tests", is_failures = last == "failures";
      if (depth == in_root && (is_tests || is_failures)) (is_tests ? found.tests : found.failures) = number;
      if (depth == in_suite && is_tests) found.tests_of_suites += number.value;
      if (depth == in_suite && is_failures) found.failures_of_suites += number.value;
    }
  }
  return depth == 0 ? found : json_counters{};
}

/// Returns GoogleTest's JSON with a root whose tests and failures are at least the sums of those of the suites. Text that is none
/// is returned as it is.
inline std::string with_failures_in_json_root(std::string json) {
  const json_counters found = read_json_counters(json);
  const bool is_failures_last = found.failures.at > found.tests.at;
  const auto raise = [&](const json_number& number, long to) {
    if (number.length > 0 && number.value < to) json.replace(number.at, number.length, std::to_string(to));
  };
  // from the back, so that places stay
  if (is_failures_last) raise(found.failures, found.failures_of_suites);
  raise(found.tests, found.tests_of_suites);
  if (!is_failures_last) raise(found.failures, found.failures_of_suites);
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
  const json_counters found = read_json_counters(json);
  if (found.end_of_suites == 0) return json;
  const std::string message = json_text(text);
  std::string suite = found.has_suites ? "," : "";
  suite +=
      "\n    {\n      \"name\": \"NonTestSuiteFailure\",\n      \"tests\": 1,\n      \"failures\": 1,\n      \"disabled\": 0,\n"
      "      \"errors\": 0,\n      \"time\": \"0s\",\n      \"testsuite\": [\n        {\n          \"name\": \"\",\n"
      "          \"status\": \"RUN\",\n          \"result\": \"COMPLETED\",\n          \"time\": \"0s\",\n"
      "          \"classname\": \"\",\n          \"failures\": [\n            {\n              \"failure\": \"" +
      message + "\",\n              \"type\": \"\"\n            }\n          ]\n        }\n      ]\n    }\n  ";
  // in front of the white space before the bracket
  const std::size_t at = json.find_last_not_of(" \n", found.end_of_suites - 1) + 1;
  json.replace(at, found.end_of_suites - at, suite);
  return with_failures_in_json_root(std::move(json));
}

}  // namespace taskleak::inline v0::detail

#endif
