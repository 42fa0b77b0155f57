// SPDX-License-Identifier: MIT
#include <taskleak/json.hpp>

#include "every_field.hpp"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace {

nlohmann::json written(const taskleak::report& found) {
  return nlohmann::json::parse(taskleak::to_json(found)).at("reports").at(0);
}

TEST(Json, OfAReportIsARunWithOneReport) {
  const nlohmann::json run = nlohmann::json::parse(taskleak::to_json(taskleak::report{}));
  EXPECT_EQ(run.at("schema_version"), 1);
  EXPECT_EQ(run.at("tool").at("name"), "taskleak");
  EXPECT_EQ(run.at("reports").size(), 1u);
  EXPECT_EQ(run.at("reports").at(0).at("headline"), "nothing is alive");
}

TEST(Json, HasEveryFieldOfAStraggler) {
  const nlohmann::json s = written(tests::every_field_of_a_report()).at("stragglers").at(0);
  EXPECT_EQ(s.at("kind"), "thread");
  EXPECT_EQ(s.at("id"), 4711);
  EXPECT_EQ(s.at("state"), "mutex lock");
  EXPECT_EQ(s.at("parked_for_ns"), 412'000'000);
  EXPECT_EQ(s.at("time_left_ns"), 3'200'000'000);
  EXPECT_EQ(s.at("verdict"), "self-ending");
  EXPECT_EQ(s.at("wakes"), 40);
  EXPECT_EQ(s.at("holders").size(), 2u);
  EXPECT_EQ(s.at("waits_on").at("address"), "0xfedcba9876543210");
  EXPECT_EQ(s.at("waits_on").at("owner"), 4712);
  EXPECT_EQ(s.at("waits_on").at("block_size"), 104);
  EXPECT_EQ(s.at("waits_on").at("allocated_by").at(0).at("line"), 23);
  EXPECT_EQ(s.at("held_by"), 4714);
  EXPECT_EQ(s.at("waits_on").at("readers"), 3);
  EXPECT_EQ(s.at("waits_on").at("descriptors").at(0).at("number"), 7);
  EXPECT_EQ(s.at("waits_on").at("descriptors").at(0).at("is_listening"), true);
  EXPECT_EQ(s.at("waits_on").at("descriptors").at(0).at("goes_off_in_ns"), 1'500'000'000);
  EXPECT_EQ(s.at("waits_for").at(0).at("relation"), "owner");
  EXPECT_EQ(s.at("waits_for").at(1).at("relation"), "joined");
  EXPECT_EQ(s.at("waits_for").at(2).at("relation"), "awaited");
  EXPECT_EQ(s.at("waits_for").at(2).at("kind"), "coroutine");
  EXPECT_EQ(s.at("stack").at(0).at("plumbing"), true);
  EXPECT_EQ(s.at("stack").at(1).at("line"), 57);
  EXPECT_EQ(s.at("ancestry").at(0).at("has_ended"), true);
  EXPECT_EQ(s.at("creation_stack").at(0).at("line"), 22);
}

TEST(Json, WritesBytesThatAreNoTextAsNumbers) {
  const nlohmann::json s = written(tests::every_field_of_a_report()).at("stragglers").at(0);
  EXPECT_EQ(
      s.at("name"),
      R"(worker \xff\xc3\x1b[31m\x0a\x0d\x09\x00\x7f\xe2\x80\xae\xe2\x80\xa8<script>alert('x')</script>&amp;"'`\{}|#*_[]%25::,=ü</title>-->)");
}

TEST(Json, CountsCoroutinesThatOneDescriptionStandsFor) {
  const nlohmann::json found = written(tests::every_field_of_a_report());
  EXPECT_EQ(found.at("stragglers").at(1).at("alike").at("ids"), (nlohmann::json{913, 914}));
  EXPECT_TRUE(found.at("stragglers").at(1).at("time_left_ns").is_null());
  EXPECT_EQ(found.at("groups").at(1).at("first"), 1);
  EXPECT_EQ(found.at("groups").at(1).at("count"), 3);
  EXPECT_EQ(found.at("groups").at(1).at("ids"), (nlohmann::json{912, 913, 914}));
}

TEST(Json, CutsNothing) {
  taskleak::report many;
  many.stragglers.resize(500);
  many.stragglers[0].stack.resize(90);
  const nlohmann::json found = nlohmann::json::parse(taskleak::to_json(many, {.frames = 1, .stragglers = 1})).at("reports").at(0);
  EXPECT_EQ(found.at("stragglers").size(), 500u);
  EXPECT_EQ(found.at("stragglers").at(0).at("stack").size(), 90u);
}

TEST(Json, TellsAHangFromALeak) {
  const nlohmann::json run = nlohmann::json::parse(taskleak::to_json(tests::every_field_of_a_run()));
  EXPECT_EQ(run.at("pid"), 99);
  EXPECT_EQ(run.at("reports").at(0).at("kind"), "leak");
  EXPECT_EQ(run.at("reports").at(1).at("kind"), "hang");
  EXPECT_EQ(run.at("reports").at(2).at("kind"), "unrest");
}

}  // namespace
