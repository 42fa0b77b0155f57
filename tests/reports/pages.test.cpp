// SPDX-License-Identifier: MIT
#include <taskleak/detail/report/text/markdown_format.hpp>
#include <taskleak/dot.hpp>
#include <taskleak/html.hpp>

#include "every_field.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

taskleak::straggler task(taskleak::task_kind kind, std::uint64_t id, const char* name) {
  taskleak::straggler s;
  s.kind = kind;
  s.id = id;
  s.name = name;
  s.state_text = "condition wait";
  return s;
}

/// Has two threads, each of which waits for a lock of the other.
taskleak::report two_locks() {
  taskleak::report found;
  found.scope = "Feed.Closes";
  for (const std::uint64_t id : {1u, 2u}) {
    taskleak::straggler s = task(taskleak::task_kind::thread, id, id == 1 ? "left" : "right");
    s.waits_on = {"mutex", 0x1000 + id, {}};
    s.waits_for = {{taskleak::wait_relation::owner, taskleak::task_kind::thread, 3 - id, "other"}};
    s.verdict = taskleak::verdict::deadlocked;
    found.stragglers.push_back(s);
  }
  return found;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t times = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++times;
  return times;
}

TEST(Dot, LeadsFromTheWaiterByTheLockToItsHolder) {
  const std::string text = taskleak::to_dot(two_locks());
  EXPECT_THAT(text, AllOf(HasSubstr("r0_0 -> r0_2 [label=\"waits on\"]"), HasSubstr("r0_2 -> r0_1 [label=\"held by\"]"),
                          HasSubstr("r0_1 -> r0_3 [label=\"waits on\"]"), HasSubstr("r0_3 -> r0_0 [label=\"held by\"]")));
}

TEST(Dot, DrawsTasksThatAreAlikeOnce) {
  taskleak::report found;
  for (std::uint64_t id = 1; id <= 64; ++id) found.stragglers.push_back(task(taskleak::task_kind::thread, id, "worker"));
  const std::string text = taskleak::to_dot(found);
  EXPECT_EQ(count(text, "shape=box"), 1u);
  EXPECT_THAT(text, HasSubstr("thread 1 \\\"worker\\\"\\nand 63 like this one"));
}

TEST(Dot, SaysHowManyItDoesNotDraw) {
  taskleak::report found = two_locks();
  EXPECT_THAT(taskleak::to_dot(found, {.stragglers = 1}), HasSubstr("label=\"and 1 more\""));
}

TEST(Dot, OfNothingIsAnEmptyGraph) { EXPECT_EQ(count(taskleak::to_dot(taskleak::report{}), "subgraph"), 0u); }

TEST(Markdown, HasAHeadingAndTheTextOfEachReport) {
  taskleak::report found = two_locks();
  found.fails = true;
  const std::string text = taskleak::detail::markdown_of_run({"feed_test", 7, {found}}, {});
  EXPECT_THAT(text, StartsWith("### taskleak: `feed_test`\n\n#### `Feed.Closes left 2 threads behind: "));
  EXPECT_THAT(text, HasSubstr("\n\n```text\nFeed.Closes left 2 threads behind: "));
  EXPECT_THAT(text, HasSubstr("\n```\n\n</details>\n"));
}

TEST(Markdown, EndsCodeWhereTheReportEnds) {
  taskleak::report found = two_locks();
  found.notes = {"````"};
  const std::string text = taskleak::detail::markdown_of_run(taskleak::run_of(found), {});
  EXPECT_EQ(count(text, "`````"), 2u) << text;
  EXPECT_EQ(taskleak::detail::markdown_of_run({}, {}), "### taskleak: `tasks`\n\nNothing was left behind.\n");
}

TEST(Html, IsOnePageThatAsksNobodyForAnything) {
  const std::string page = taskleak::to_html(tests::every_field_of_a_run());
  EXPECT_THAT(page, StartsWith("<!DOCTYPE html>\n"));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  for (const char* const request : {"http:", "https:", "src=", "<link", "@import", "url(", "fetch("})
    EXPECT_EQ(count(page, request), std::string_view(request) == "url(" ? count(page, "url(#arrow)") : 0u) << request;
}

TEST(Html, TakesNoNameForMarkup) {
  const std::string page = taskleak::to_html(tests::every_field_of_a_run());
  EXPECT_EQ(count(page, "<script>"), 1u);
  EXPECT_EQ(count(page, "</title>"), 1u);
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;&quot;"));
}

TEST(Html, DrawsWhoWaitsForWhom) {
  const std::string page = taskleak::to_html(two_locks());
  EXPECT_EQ(count(page, "<g class=\"deadlocked\">"), 2u);
  EXPECT_EQ(count(page, "<g class=\"object\">"), 2u);
  EXPECT_EQ(count(page, ">held by</text>"), 2u);
}

TEST(Html, ShowsCoroutinesThatAwaitEachOtherAsATree) {
  taskleak::report found;
  found.stragglers = {task(taskleak::task_kind::coroutine, 1, "inner()"), task(taskleak::task_kind::coroutine, 2, "middle()"),
                      task(taskleak::task_kind::coroutine, 3, "outer()")};
  found.stragglers[1].waits_for = {{taskleak::wait_relation::awaited, taskleak::task_kind::coroutine, 1, "inner()"}};
  found.stragglers[2].waits_for = {{taskleak::wait_relation::awaited, taskleak::task_kind::coroutine, 2, "middle()"}};
  const std::string page = taskleak::to_html(found);
  const std::size_t begin = page.find("<ul class=\"tree\">");
  const std::string tree = page.substr(begin, page.find("<details", begin) - begin);
  EXPECT_LT(tree.find("outer()"), tree.find("middle()"));
  EXPECT_LT(tree.find("middle()"), tree.find("inner()"));
  EXPECT_EQ(count(tree, "outer()"), 1u);
}

TEST(Html, EndsWhereCoroutinesAwaitThemselves) {
  taskleak::report found;
  found.stragglers = {task(taskleak::task_kind::coroutine, 1, "one()"), task(taskleak::task_kind::coroutine, 2, "two()")};
  found.stragglers[0].waits_for = {{taskleak::wait_relation::awaited, taskleak::task_kind::coroutine, 2, "two()"}};
  found.stragglers[1].waits_for = {{taskleak::wait_relation::awaited, taskleak::task_kind::coroutine, 1, "one()"}};
  EXPECT_THAT(taskleak::to_html(found), HasSubstr("<ul class=\"tree\">"));
}

TEST(Html, SaysHowManyItDoesNotShow) {
  EXPECT_THAT(taskleak::to_html(two_locks(), {.stragglers = 1}),
              HasSubstr("and 1 more; TASKLEAK_OPTIONS=max_stragglers=2 shows them"));
}

TEST(Html, OfACleanRunSaysSo) { EXPECT_THAT(taskleak::to_html(taskleak::run_report{}), HasSubstr("nothing was left behind")); }

}  // namespace
