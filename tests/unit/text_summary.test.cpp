// SPDX-License-Identifier: MIT
/// \file The summary of a run, in words and as markdown.
#include <taskleak/detail/report/text/summary.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace {

using taskleak::detail::creator_summary;
using taskleak::detail::light_vector;
using taskleak::detail::summary_lines;
using taskleak::detail::summary_markdown;

creator_summary left_by(std::string creator, std::size_t threads, std::size_t coroutines, std::size_t ended,
                        std::vector<std::string> tests) {
  creator_summary made;
  made.creator = std::move(creator);
  made.threads = threads;
  made.coroutines = coroutines;
  made.ended_since = ended;
  made.tests = std::move(tests);
  return made;
}

std::string line_of(const creator_summary& one) { return summary_lines({one}).at(0); }

TEST(Summary, LineSaysWhatHowManyAndInWhichTests) {
  EXPECT_EQ(line_of(left_by("Feed::Feed() src/feed.cpp:22", 2, 1, 0, {"Feed.Closes", "Feed.Opens"})),
            "2 threads and 1 coroutine created by Feed::Feed() src/feed.cpp:22 in Feed.Closes, Feed.Opens");
}

TEST(Summary, LineSaysHowManyHaveEndedSince) {
  EXPECT_EQ(line_of(left_by("f()", 1, 0, 1, {"A.B"})), "1 thread created by f() in A.B, has ended since");
  EXPECT_EQ(line_of(left_by("f()", 3, 0, 1, {"A.B"})), "3 threads created by f() in A.B, 1 has ended since");
  EXPECT_EQ(line_of(left_by("f()", 3, 0, 2, {"A.B"})), "3 threads created by f() in A.B, 2 have ended since");
  EXPECT_EQ(line_of(left_by("f()", 3, 0, 3, {"A.B"})), "3 threads created by f() in A.B, all have ended since");
}

TEST(Summary, OfManyTestsTheFirstAreNamed) {
  EXPECT_EQ(line_of(left_by("f()", 7, 0, 0, {"A.1", "A.2", "A.3", "A.4", "A.5", "A.6", "A.7"})),
            "7 threads created by f() in A.1, A.2, A.3, A.4, A.5 and 2 more");
}

TEST(Summary, OfManyCreatorsTheFirstHaveALine) {
  light_vector<creator_summary> creators;
  while (creators.size() < 103) creators.push_back(left_by("f()", 1, 0, 0, {"A.B"}));
  const std::vector<std::string> lines = summary_lines(creators);
  EXPECT_EQ(lines.size(), 101u);
  EXPECT_EQ(lines.back(), "... and 3 more creators");
}

TEST(Summary, MarkdownIsATableInWhichNamesAreCode) {
  EXPECT_EQ(summary_markdown("feed_test", {left_by("operator|(a<b>, `c`) src/feed.cpp:22", 1, 0, 1, {"Feed.Closes"})},
                             "1 ignored: 1 x 'grpc pool'"),
            R"(### taskleak: `feed_test`

| left behind | created by | in | |
|---|---|---|---|
| 1 thread | `operator\|(a<b>, 'c') src/feed.cpp:22` | `Feed.Closes` | has ended since |

`1 ignored: 1 x 'grpc pool'`

)");
}

}  // namespace
