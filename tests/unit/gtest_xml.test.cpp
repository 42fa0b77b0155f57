// SPDX-License-Identifier: MIT
/// \file The counters of the files that GoogleTest writes, and what it cannot write into them itself.
#include <taskleak/detail/adapter/gtest_json.hpp>
#include <taskleak/detail/adapter/gtest_output_file.hpp>
#include <taskleak/detail/adapter/gtest_xml.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace {

using taskleak::detail::change_gtest_output;
using taskleak::detail::with_failure_in_json;
using taskleak::detail::with_failures_counted;
using taskleak::detail::with_failures_counted_in_json;

const std::string head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const std::string suites =
    "  <testsuite name=\"A\" tests=\"9\" failures=\"0\">\n  </testsuite>\n"
    "  <testsuite name=\"NonTestSuiteFailure\" tests=\"1\" failures=\"1\">\n"
    "<failure message=\"&lt;testsuite tests=&quot;5&quot;\"><![CDATA[<testsuite tests=\"5\" failures=\"5\">]]></failure>\n"
    "  </testsuite>\n</testsuites>\n";

TEST(GtestXml, CountsInItsRootWhatFailedOutsideOfTests) {
  EXPECT_EQ(with_failures_counted(head + "<testsuites tests=\"9\" failures=\"0\" name=\"All\">\n" + suites),
            head + "<testsuites tests=\"10\" failures=\"1\" name=\"All\">\n" + suites);
}

TEST(GtestXml, IsLeftAsItIsWhereTheRootHasCounted) {
  const std::string counted = head + "<testsuites tests=\"12\" failures=\"3\" name=\"All\">\n" + suites;
  EXPECT_EQ(with_failures_counted(counted), counted);
}

TEST(GtestXml, CountsWhatASuiteListsAndDoesNotCount) {
  const auto with = [](const std::string& counters) {
    return head + "<testsuites " + counters + ">\n  <testsuite name=\"A\" " + counters +
           ">\n    <testcase name=\"T\" />\n    <testcase name=\"\">\n      <failure message=\"\"><![CDATA[<failure "
           "]]></failure>\n"
           "      <failure message=\"\"></failure>\n    </testcase>\n  </testsuite>\n</testsuites>\n";
  };
  EXPECT_EQ(with_failures_counted(with("tests=\"1\" failures=\"0\"")), with("tests=\"2\" failures=\"1\""));
}

TEST(GtestXml, ThatIsNoneIsLeftAsItIs) {
  for (const std::string text : {"", "{}", "<?xml", "<?xml version=\"1.0\"?><testsuites tests=\"", "<testsuites tests=\"1\">"})
    EXPECT_EQ(with_failures_counted(text), text);
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
  change_gtest_output("json:" + path, "xml", "/", with_failures_counted);
  EXPECT_EQ(written(), before);
  change_gtest_output("xml:" + path.substr(1), "xml", "", with_failures_counted);
  EXPECT_EQ(written(), head + "<testsuites tests=\"10\" failures=\"1\">\n" + suites);
  std::remove(path.c_str());
}

/// As GoogleTest writes it, but for what does not matter here.
std::string json_with(const std::string& counters, const std::string& suites) {
  return "{\n  " + counters + ",\n  \"name\": \"All \\\"{[\",\n  \"testsuites\": [" + suites + "\n  ]\n}\n";
}
const std::string one_suite =
    "\n    {\n      \"name\": \"A\",\n      \"tests\": 9,\n      \"failures\": 0,\n      \"testsuite\": [\n"
    "        {\n          \"name\": \"tests: 7\",\n          \"line\": 70,\n          \"result\": \"failures\"\n"
    "        }\n      ]\n    }";

TEST(GtestJson, CountsInItsRootWhatFailedOutsideOfTests) {
  const std::string suites =
      one_suite + ",\n    {\n      \"name\": \"NonTestSuiteFailure\",\n      \"tests\": 1,\n      \"failures\": 1\n    }";
  EXPECT_EQ(with_failures_counted_in_json(json_with("\"tests\": 9,\n  \"failures\": 0", suites)),
            json_with("\"tests\": 10,\n  \"failures\": 1", suites));
  const std::string counted = json_with("\"tests\": 12,\n  \"failures\": 3", suites);
  EXPECT_EQ(with_failures_counted_in_json(counted), counted);
}

TEST(GtestJson, CountsWhatASuiteListsAndDoesNotCount) {
  const auto with = [](const std::string& counters) {
    return json_with(counters, "\n    {\n      " + counters + ",\n      \"testsuite\": [\n        { \"name\": \"T\" },\n" +
                                   "        { \"name\": \"\", \"failures\": [ {}, {} ] }\n      ]\n    }");
  };
  EXPECT_EQ(with_failures_counted_in_json(with("\"tests\": 1, \"failures\": 0")), with("\"tests\": 2, \"failures\": 1"));
}

TEST(GtestJson, TakesAFailureOutsideOfTests) {
  const std::string made =
      with_failure_in_json(json_with("\"tests\": 9,\n  \"failures\": 0", one_suite), "taskleak\nleft \"one\"\t\\");
  EXPECT_EQ(made.find("\"tests\": 10,\n  \"failures\": 1,"), 4u) << made;
  EXPECT_NE(made.find("    },\n    {\n      \"name\": \"NonTestSuiteFailure\""), made.npos) << made;
  EXPECT_NE(made.find("\"failure\": \"taskleak\\nleft \\\"one\\\"\\u0009\\\\\""), made.npos) << made;
  const std::string second = with_failure_in_json(made, "other");
  EXPECT_EQ(second.find("\"tests\": 11,\n  \"failures\": 2,"), 4u) << second;
  const std::string only = with_failure_in_json(json_with("\"tests\": 0,\n  \"failures\": 0", ""), "x");
  EXPECT_NE(only.find("[\n    {\n      \"name\": \"NonTestSuiteFailure\""), only.npos) << only;
}

TEST(GtestJson, ThatIsNoneIsLeftAsItIs) {
  for (const std::string text : {"", "{", "{\"tests\": 1", "[1, 2]", "{\"tests\": \"", "}}", "<?xml?>"}) {
    EXPECT_EQ(with_failures_counted_in_json(text), text);
    EXPECT_EQ(with_failure_in_json(text, "x"), text);
  }
}

}  // namespace
