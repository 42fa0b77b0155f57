// SPDX-License-Identifier: MIT
/// \file Changes in GoogleTest's XML. Its counters do not count what failed outside of tests, though there is an element for it,
/// and whoever reads the counters alone sees a run without failures. And it says of tests that were never reached that they
/// passed.
#ifndef TASKLEAK_DETAIL_ADAPTER_GTEST_XML_HPP
#define TASKLEAK_DETAIL_ADAPTER_GTEST_XML_HPP

#include <taskleak/detail/base/light_vector.hpp>
#include <taskleak/detail/base/requirements.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace taskleak::inline v0::detail {

/// Holds the number that an element has as an attribute, and where it stands; `length` is 0 where there is none.
struct xml_number {
  std::size_t at = 0;
  std::size_t length = 0;
  long value = 0;
};

inline xml_number number_in_element(const std::string& xml, std::size_t element, std::string_view name) {
  const std::size_t end = xml.find('>', element);  // in a value it is &gt;
  const std::string before = ' ' + std::string(name) + "=\"";
  std::size_t at = xml.find(before, element);
  if (at == std::string::npos || end == std::string::npos || at > end) return {};
  at += before.size();
  const std::size_t digits = xml.find_first_not_of("0123456789", at);
  if (digits == std::string::npos || digits - at > 9) return {};
  return {at, digits - at, std::atol(xml.c_str() + at)};
}

/// Returns GoogleTest's XML with suites whose counters are at least what is listed in them, and a root whose counters are at
/// least the sums of those of the suites. Text that is none is returned as it is.
inline std::string with_failures_counted(std::string xml) {
  constexpr std::string_view suite = "<testsuite ", test = "<testcase ", failure = "<failure ";
  constexpr std::string_view text = "<![CDATA[", end_of_text = "]]>";
  struct element {
    std::size_t at;
    long tests = 0, failures = 0;
    bool in_failed_test = false;
  };
  const std::size_t root = xml.find("<testsuites ");
  if (!xml.starts_with("<?xml ") || root == std::string::npos) return xml;
  light_vector<element> suites;
  for (std::size_t at = root; (at = xml.find('<', at)) != std::string::npos; ++at) {
    const auto is_here = [&](std::string_view begin) { return xml.compare(at, begin.size(), begin) == 0; };
    if (is_here(text)) {
      at = xml.find(end_of_text, at);
      if (at == std::string::npos) break;
    } else if (is_here(suite)) {
      suites.push_back({at});
    } else if (is_here(test) && !suites.empty()) {
      ++suites.back().tests;
      suites.back().in_failed_test = false;
    } else if (is_here(failure) && !suites.empty() && !std::exchange(suites.back().in_failed_test, true)) {
      ++suites.back().failures;
    }
  }
  long tests = 0, failures = 0;
  // from the back, so that places stay
  const auto raise = [&](std::size_t in, std::string_view name, long to) {
    const xml_number number = number_in_element(xml, in, name);
    if (number.length > 0 && number.value < to) xml.replace(number.at, number.length, std::to_string(to));
    return std::max(number.value, to);
  };
  for (; !suites.empty(); suites.pop_back()) {
    failures += raise(suites.back().at, "failures", suites.back().failures);
    tests += raise(suites.back().at, "tests", suites.back().tests);
  }
  raise(root, "failures", failures);
  raise(root, "tests", tests);
  return xml;
}

/// Returns GoogleTest's XML with one more suite, which is XML as well. Text that is none is returned as it is.
inline std::string with_suite_in_xml(std::string xml, std::string_view suite) {
  const std::size_t end = xml.rfind("</testsuites>");
  if (end != std::string::npos) xml.insert(end, suite);
  return xml;
}

/// Returns GoogleTest's XML in which these tests, by suite and name, are not run and suppressed, as a test that a filter leaves
/// out.
inline std::string with_tests_not_run(std::string xml, const light_vector<std::pair<std::string, std::string>>& tests) {
  std::size_t at = 0;
  for (const auto& [suite, name] : tests) {
    const std::size_t begins = xml.find("<testsuite name=\"" + suite + '"');
    if (begins == std::string::npos) continue;
    at = xml.find("<testcase name=\"" + name + '"', begins);
    if (at == std::string::npos) continue;
    for (const auto& [from, to] :
         {std::pair<std::string_view, std::string_view>{" status=\"run\"", " status=\"notrun\""},
          std::pair<std::string_view, std::string_view>{" result=\"completed\"", " result=\"suppressed\""}}) {
      const std::size_t value = xml.find(from, at);
      if (value < xml.find('>', at)) xml.replace(value, from.size(), to);
    }
  }
  return xml;
}

}  // namespace taskleak::inline v0::detail

#endif
