// SPDX-License-Identifier: MIT
#include <taskleak/detail/report/text/colours.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

using taskleak::detail::takes_colours;
using taskleak::detail::with_colours;

/// Sets a variable of the environment, or removes it where the value is null, until the end of its scope.
class variable {
 public:
  variable(const char* name, const char* value) : name_(name), had_(std::getenv(name) != nullptr) {
    if (had_) before_ = std::getenv(name);
    set(value);
  }
  variable(const variable&) = delete;
  variable& operator=(const variable&) = delete;
  ~variable() { set(had_ ? before_.c_str() : nullptr); }

 private:
  void set(const char* value) { value ? setenv(name_, value, 1) : unsetenv(name_); }

  const char* name_;
  bool had_;
  std::string before_;
};

/// Returns the text without the codes.
std::string without_codes(std::string text) {
  for (std::size_t at; (at = text.find('\x1b')) != std::string::npos;) text.erase(at, text.find('m', at) + 1 - at);
  return text;
}

TEST(Colours, ShowTheFirstLineTheNameAndTheVerdict) {
  EXPECT_EQ(with_colours("Feed.Closes left 1 thread behind\n  \nthread 7 \"a\" [join, 1 ms] orphaned: nothing\n    at f()\n"),
            "\x1b[1;31mFeed.Closes left 1 thread behind\x1b[0m\n  \n\x1b[1mthread 7 \"a\"\x1b[0m [join, 1 ms]\x1b[1;33m "
            "orphaned\x1b[0m: "
            "nothing\n    at f()\n");
}

TEST(Colours, ChangeNoCharacterOfTheText) {
  for (const char* const text :
       {"", "\n", "one", "one\ntwo", "one\nthread 7\n", "one\nthread 7 [\n", "one\nthread 7 []\n",
        "one\ncoroutine 9 f() [suspended at a.cpp:1, 2 s] held by global `x`\n",
        "one\nthread 1 \"n\" [sleep, 1 ms] \n    created by main thread in Feed\n    hint: stop it\n    (cut)\n"})
    EXPECT_EQ(without_codes(with_colours(text)), text);
}

TEST(Colours, GoToNoPipe) {
  const variable no_force("CLICOLOR_FORCE", nullptr), allowed("NO_COLOR", nullptr), kind("TERM", "xterm");
  std::FILE* const pipe = popen("cat", "w");
  ASSERT_NE(pipe, nullptr);
  EXPECT_FALSE(takes_colours(pipe));
  pclose(pipe);
}

TEST(Colours, GoAnywhereWhereTheyAreForced) {
  const variable force("CLICOLOR_FORCE", "1"), allowed("NO_COLOR", nullptr);
  EXPECT_TRUE(takes_colours(stderr));
}

TEST(Colours, AreForbiddenByNoColor) {
  const variable force("CLICOLOR_FORCE", "1"), forbidden("NO_COLOR", "1");
  EXPECT_FALSE(takes_colours(stderr));
}

TEST(Colours, AreNotForcedByZeroOrNothing) {
  const variable allowed("NO_COLOR", ""), kind("TERM", "dumb");
  for (const char* const value : {"0", ""}) {
    const variable force("CLICOLOR_FORCE", value);
    EXPECT_FALSE(takes_colours(stderr));
  }
}

}  // namespace
