// SPDX-License-Identifier: MIT
/// \file The counters of the XML that GoogleTest writes.
#include <taskleak/detail/adapter/gtest_xml.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace {

using taskleak::detail::count_failures_in_root;
using taskleak::detail::with_failures_in_root;

const std::string head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const std::string suites =
    "  <testsuite name=\"A\" tests=\"9\" failures=\"0\">\n  </testsuite>\n"
    "  <testsuite name=\"NonTestSuiteFailure\" tests=\"1\" failures=\"1\">\n"
    "<failure message=\"&lt;testsuite tests=&quot;5&quot;\"><![CDATA[<testsuite tests=\"5\" failures=\"5\">]]></failure>\n"
    "  </testsuite>\n</testsuites>\n";

TEST(GtestXml, CountsInItsRootWhatFailedOutsideOfTests) {
  EXPECT_EQ(with_failures_in_root(head + "<testsuites tests=\"9\" failures=\"0\" name=\"All\">\n" + suites),
            head + "<testsuites tests=\"10\" failures=\"1\" name=\"All\">\n" + suites);
}

TEST(GtestXml, IsLeftAsItIsWhereTheRootHasCounted) {
  const std::string counted = head + "<testsuites tests=\"12\" failures=\"3\" name=\"All\">\n" + suites;
  EXPECT_EQ(with_failures_in_root(counted), counted);
}

TEST(GtestXml, ThatIsNoneIsLeftAsItIs) {
  for (const std::string text : {"", "{}", "<?xml", "<?xml version=\"1.0\"?><testsuites tests=\"", "<testsuites tests=\"1\">"})
    EXPECT_EQ(with_failures_in_root(text), text);
}

TEST(GtestXml, IsWrittenWhereGoogleTestHasWrittenIt) {
  const std::string path = testing::TempDir() + "taskleak_gtest_xml.xml";
  const auto written = [&] {
    std::string text(4096, '\0');
    std::FILE* const file = std::fopen(path.c_str(), "r");
    text.resize(std::fread(text.data(), 1, text.size(), file));
    std::fclose(file);
    return text;
  };
  std::FILE* const file = std::fopen(path.c_str(), "w");
  ASSERT_TRUE(file);
  std::fputs((head + "<testsuites tests=\"9\" failures=\"0\">\n" + suites).c_str(), file);
  std::fclose(file);
  const std::string before = written();
  count_failures_in_root("json:" + path, "/");
  EXPECT_EQ(written(), before);
  count_failures_in_root("xml:" + path.substr(1), "");
  EXPECT_EQ(written(), head + "<testsuites tests=\"10\" failures=\"1\">\n" + suites);
  std::remove(path.c_str());
}

}  // namespace
