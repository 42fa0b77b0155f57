// SPDX-License-Identifier: MIT
/// \file Text from outside as a report shows it.
#include <taskleak/detail/base/visible.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace {

using taskleak::detail::on_one_line;
using namespace std::string_view_literals;

TEST(Visible, TextOfAnyLanguageStaysAsItIs) {
  for (const std::string_view text : {"pump"sv, ""sv, "очередь"sv, "étagère"sv, "日本語"sv, "😀"sv, "a\\x41 b"sv, "\u00a0"sv})
    EXPECT_EQ(on_one_line(text), text);
}

TEST(Visible, ACharacterThatWasCutShowsItsBytes) {
  EXPECT_EQ(on_one_line("очередь"sv.substr(0, 13)), "очеред\\xd1");
  EXPECT_EQ(on_one_line("\xf0\x9f\x98"), "\\xf0\\x9f\\x98");
  EXPECT_EQ(on_one_line("\xf0\x9f\x98z"), "\\xf0\\x9f\\x98z");
}

TEST(Visible, BytesThatAreNoUtf8AreShownEach) {
  EXPECT_EQ(on_one_line("\xff\xfe"), "\\xff\\xfe");
  EXPECT_EQ(on_one_line("\x80q"), "\\x80q") << "a byte that goes on with nothing";
  EXPECT_EQ(on_one_line("\xc0\x80"), "\\xc0\\x80") << "a null in more bytes than it needs";
  EXPECT_EQ(on_one_line("\xe0\x80\xaf"), "\\xe0\\x80\\xaf") << "a slash in more bytes than it needs";
  EXPECT_EQ(on_one_line("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "half of a pair of UTF-16";
  EXPECT_EQ(on_one_line("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "beyond the last character";
}

TEST(Visible, NothingIsACommandToATerminal) {
  EXPECT_EQ(on_one_line("\x1b[31mred\x1b]0;title\x07"), "\\x1b[31mred\\x1b]0;title\\x07");
  EXPECT_EQ(on_one_line("\xc2\x9b"
                        "31m"),
            "\\xc2\\x9b31m")
      << "U+009B, which begins a command as ESC [ does";
  EXPECT_EQ(on_one_line("a\rb\bc\x7f"), "a\\x0db\\x08c\\x7f");
  EXPECT_EQ(on_one_line("a\0b"sv), "a\\x00b");
}

TEST(Visible, NothingBreaksALine) {
  EXPECT_EQ(on_one_line("a\nb\tc"), "a\\x0ab\\x09c");
  EXPECT_EQ(on_one_line("a\xc2\x85"
                        "b\xe2\x80\xa8"
                        "c"),
            "a\\xc2\\x85b\\xe2\\x80\\xa8c")
      << "NEL and the separator of lines";
}

TEST(Visible, NothingTurnsTheDirectionOfWriting) {
  EXPECT_EQ(on_one_line("\xe2\x80\xae"
                        "evil"),
            "\\xe2\\x80\\xaeevil");
}

TEST(Visible, WhatXmlRefusesIsNotThere) { EXPECT_EQ(on_one_line("\xef\xbf\xbe\xef\xbf\xbf"), "\\xef\\xbf\\xbe\\xef\\xbf\\xbf"); }

}  // namespace
