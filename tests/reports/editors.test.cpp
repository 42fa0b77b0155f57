// SPDX-License-Identifier: MIT
#include <taskleak/report.hpp>

#include "every_field.hpp"
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// Reads a failure out of GoogleTest's output by the rules of VS Code's C++ TestMate (its GoogleTestExecutable.ts): the
/// lines behind `FILE:LINE: Failure` are its message, up to an empty one; where a line begins with `Failed`, up to one with a
/// bracket, too.
std::vector<std::string> message_in_testmate(const std::string& output) {
  std::vector<std::string> message;
  bool is_in_message = false;
  bool is_rest = false;
  for (const std::string& line : lines_of(output)) {
    if (!is_in_message) {
      is_in_message = line.ends_with(": Failure");
      continue;
    }
    if (line.empty() || (is_rest && line.starts_with('['))) break;
    is_rest = is_rest || line.starts_with("Failed");
    message.push_back(line);
  }
  return message;
}

TEST(Editors, FindNoEmptyLineInATextThatGoesToAFramework) {
  for (const taskleak::report& found : tests::every_field_of_a_run().reports)
    for (const std::string& line : lines_of(to_text(found))) EXPECT_FALSE(line.empty()) << to_text(found);
}

TEST(Editors, ReadAFailureToItsEnd) {
  for (const taskleak::report& found : tests::every_field_of_a_run().reports) {
    const std::string text = to_text(found);
    EXPECT_EQ(message_in_testmate("[ RUN      ] Feed.Closes\ntests/feed_test.cpp:31: Failure\n" + text +
                                  "\n[  FAILED  ] Feed.Closes (9 ms)\n"),
              lines_of(text));
  }
  EXPECT_NE(message_in_testmate("f.cpp:1: Failure\none\n\ntwo\n"), (std::vector<std::string>{"one", "", "two"}));
}

TEST(Editors, ReadTheTextOfAllTasksToItsEnd) {
  std::ostringstream out;
  taskleak::dump(out);
  for (const std::string& line : lines_of(out.str())) EXPECT_FALSE(line.empty()) << out.str();
}

}  // namespace
