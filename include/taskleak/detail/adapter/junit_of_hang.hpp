// SPDX-License-Identifier: MIT
/// \file Writes the file of a test framework that cannot write its own, since what hangs is called by the framework, or holds one
/// of its locks.
#ifndef TASKLEAK_DETAIL_ADAPTER_JUNIT_OF_HANG_HPP
#define TASKLEAK_DETAIL_ADAPTER_JUNIT_OF_HANG_HPP

#include <taskleak/detail/base/requirements.hpp>

#include <cstdio>
#include <string>
#include <string_view>

#include <sys/stat.h>
#include <unistd.h>

namespace taskleak::inline v0::detail {

/// Returns the text as a value of an attribute, or as text, of XML, which has no control characters.
inline std::string xml_text(std::string_view text) {
  std::string made;
  for (const char c : text) {
    switch (c) {
      case '&': made += "&amp;"; break;
      case '<': made += "&lt;"; break;
      case '>': made += "&gt;"; break;
      case '"': made += "&quot;"; break;
      case '\n': made += "&#x0A;"; break;
      default: made += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return made;
}

/// Is a failure outside of any test, as a framework's file has it.
struct hang_outside_tests {
  std::string_view suite;
  std::string_view test;
  std::string_view text;

  std::string_view first_line() const noexcept { return text.substr(0, text.find('\n')); }
};

/// Returns a suite in the XML of JUnit that has this failure and nothing else.
inline std::string junit_suite(const hang_outside_tests& hang) {
  std::string xml = "  <testsuite name=\"" + xml_text(hang.suite);
  xml += "\" tests=\"1\" failures=\"1\" disabled=\"0\" skipped=\"0\" errors=\"0\" time=\"0\">\n    <testcase name=\"";
  xml += xml_text(hang.test) + "\" status=\"run\" result=\"completed\" time=\"0\" classname=\"" + xml_text(hang.suite);
  xml += "\">\n      <failure message=\"" + xml_text(hang.first_line()) + "\" type=\"\">" + xml_text(hang.text);
  return xml + "</failure>\n    </testcase>\n  </testsuite>\n";
}

/// Returns a whole file in the XML of JUnit.
inline std::string junit_of_hang(const hang_outside_tests& hang) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
         "<testsuites tests=\"1\" failures=\"1\" disabled=\"0\" errors=\"0\" time=\"0\">\n" +
         junit_suite(hang) + "</testsuites>\n";
}

/// Puts the text in the place of the file's, all of it or nothing; into a pipe or a device it is written as it is.
inline void write_whole_file(const std::string& path, std::string_view text) {
  struct stat kind {};
  const bool is_special = stat(path.c_str(), &kind) == 0 && !S_ISREG(kind.st_mode);
  const std::string made = is_special ? path : path + ".taskleak-" + std::to_string(getpid());
  std::FILE* const file = std::fopen(made.c_str(), "we");
  if (!file) return;
  const bool is_whole = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const bool is_written = std::fclose(file) == 0 && is_whole;
  if (!is_special && (!is_written || std::rename(made.c_str(), path.c_str()) != 0)) unlink(made.c_str());
}

}  // namespace taskleak::inline v0::detail

#endif
