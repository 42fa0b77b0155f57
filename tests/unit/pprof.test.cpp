// SPDX-License-Identifier: MIT
/// \file Profiles that are made of reports, as a reader of the format sees them.
#include <taskleak/pprof.hpp>

#include <gmock/gmock.h>
#include <protozero/pbf_reader.hpp>
#if defined(TASKLEAK_USE_ZLIB)
#include <zlib.h>
#endif

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using taskleak::report;
using taskleak::straggler;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

std::string unpacked(const std::string& bytes) {
#if defined(TASKLEAK_USE_ZLIB)
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  std::string whole(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(whole.data());
  stream.avail_out = static_cast<uInt>(whole.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  whole.resize(stream.total_out);
  inflateEnd(&stream);
  return whole;
#else
  return bytes;
#endif
}

struct sample {
  std::vector<std::vector<std::string>> stack;  ///< places, innermost first; of each "function file:line", innermost first
  std::vector<std::int64_t> values;
  std::map<std::string, std::string> labels;
};

struct profile {
  std::vector<std::string> value_types;  ///< "type/unit"
  std::vector<sample> samples;
  std::vector<std::string> modules;
  std::vector<std::string> comments;
};

template <class Take>
void for_each_field(const protozero::data_view& message, Take&& take) {
  protozero::pbf_reader reader(message);
  while (reader.next()) {
    if (!take(reader)) reader.skip();
  }
}

profile read(const std::string& packed) {
  const std::string bytes = unpacked(packed);
  std::vector<std::string> texts;
  for_each_field(bytes, [&](auto& r) { return r.tag() == 6 && (texts.push_back(r.get_string()), true); });
  const auto text = [&](std::int64_t number) { return texts.at(static_cast<std::size_t>(number)); };

  std::map<std::uint64_t, std::pair<std::string, std::string>> functions;
  for_each_field(bytes, [&](auto& r) {
    if (r.tag() != 5) return false;
    std::uint64_t id = 0;
    std::pair<std::string, std::string> of;
    for_each_field(r.get_view(), [&](auto& f) {
      if (f.tag() == 1) return id = f.get_uint64(), true;
      if (f.tag() == 2) return of.first = text(f.get_int64()), true;
      if (f.tag() == 4) return of.second = text(f.get_int64()), true;
      return false;
    });
    functions[id] = of;
    return true;
  });
  std::map<std::uint64_t, std::vector<std::string>> places;
  for_each_field(bytes, [&](auto& r) {
    if (r.tag() != 4) return false;
    std::uint64_t id = 0;
    std::vector<std::string> lines;
    for_each_field(r.get_view(), [&](auto& f) {
      if (f.tag() == 1) return id = f.get_uint64(), true;
      if (f.tag() != 4) return false;
      std::uint64_t function = 0;
      std::int64_t line = 0;
      for_each_field(f.get_view(), [&](auto& l) {
        if (l.tag() == 1) return function = l.get_uint64(), true;
        return line = l.get_int64(), true;
      });
      const auto& [name, file] = functions.at(function);
      lines.push_back(name + ' ' + file + ':' + std::to_string(line));
      return true;
    });
    places[id] = lines;
    return true;
  });

  profile whole;
  for_each_field(bytes, [&](auto& r) {
    if (r.tag() == 1) {
      std::string type;
      for_each_field(r.get_view(), [&](auto& f) {
        if (!type.empty()) type += '/';
        return type += text(f.get_int64()), true;
      });
      return whole.value_types.push_back(type), true;
    }
    if (r.tag() == 3) {
      for_each_field(r.get_view(), [&](auto& f) { return f.tag() == 5 && (whole.modules.push_back(text(f.get_int64())), true); });
      return true;
    }
    if (r.tag() == 13) {
      for (const std::int64_t number : r.get_packed_int64()) whole.comments.push_back(text(number));
      return true;
    }
    if (r.tag() != 2) return false;
    sample& one = whole.samples.emplace_back();
    for_each_field(r.get_view(), [&](auto& f) {
      if (f.tag() == 1) {
        for (const std::uint64_t place : f.get_packed_uint64()) one.stack.push_back(places.at(place));
        return true;
      }
      if (f.tag() == 2) {
        for (const std::int64_t value : f.get_packed_int64()) one.values.push_back(value);
        return true;
      }
      std::vector<std::string> pair;
      for_each_field(f.get_view(), [&](auto& l) { return pair.push_back(text(l.get_int64())), true; });
      EXPECT_TRUE(one.labels.emplace(pair.at(0), pair.at(1)).second) << pair.at(0);
      return true;
    });
    return true;
  });
  return whole;
}

taskleak::frame at(std::string function, std::string file, unsigned line, std::uintptr_t address) {
  taskleak::frame f;
  f.function = std::move(function);
  f.file = std::move(file);
  f.line = line;
  f.address = address;
  f.module = "/app/feed";
  return f;
}

straggler waiting_thread(std::uint64_t id, std::chrono::nanoseconds parked_for) {
  straggler s;
  s.id = id;
  s.name = "feed";
  s.state = taskleak::state::condition_wait;
  s.state_text = "condition wait";
  s.parked_for = parked_for;
  s.scope = "Feed.Closes";
  s.verdict = taskleak::verdict::orphaned;
  s.stack = {at("channel::send()", "src/channel.hpp", 41, 0x1000), at("Feed::pump()", "src/feed.cpp", 57, 0x2000)};
  return s;
}

TEST(Pprof, HasOneSampleForEachStackWithCountAndSumOfTimes) {
  report found;
  found.stragglers = {waiting_thread(1, 2s), waiting_thread(2, 3s), waiting_thread(3, 5s)};
  found.stragglers[2].stack[1].line = 58;
  found.stragglers[2].stack[1].address = 0x2010;
  const profile read_back = read(taskleak::to_pprof(found));
  EXPECT_THAT(read_back.value_types, ElementsAre("tasks/count", "parked/nanoseconds"));
  ASSERT_EQ(read_back.samples.size(), 2u);
  EXPECT_THAT(read_back.samples[0].stack,
              ElementsAre(ElementsAre("channel::send() src/channel.hpp:41"), ElementsAre("Feed::pump() src/feed.cpp:57")));
  EXPECT_THAT(read_back.samples[0].values, ElementsAre(2, 5'000'000'000));
  EXPECT_THAT(read_back.samples[1].values, ElementsAre(1, 5'000'000'000));
  EXPECT_THAT(read_back.modules, ElementsAre("/app/feed"));
}

TEST(Pprof, LabelsSayKindStateVerdictScopeAndName) {
  report found;
  found.stragglers = {waiting_thread(1, 1s)};
  EXPECT_THAT(read(taskleak::to_pprof(found)).samples.at(0).labels,
              UnorderedElementsAre(Pair("kind", "thread"), Pair("state", "condition wait"), Pair("verdict", "orphaned"),
                                   Pair("scope", "Feed.Closes"), Pair("name", "feed")));
}

TEST(Pprof, TasksOfOneStackThatDifferInALabelAreSamplesOfTheirOwn) {
  report found;
  found.stragglers = {waiting_thread(1, 1s), waiting_thread(2, 1s), waiting_thread(3, 1s)};
  found.stragglers[1].name = "second feed";
  found.stragglers[2].verdict = taskleak::verdict::none;
  const profile read_back = read(taskleak::to_pprof(found));
  EXPECT_EQ(read_back.samples.size(), 3u);
  for (const sample& s : read_back.samples) {
    EXPECT_EQ(s.values.at(0), 1);
  }
}

TEST(Pprof, CoroutinesThatAReportCountsOnlyAreInTheirSample) {
  report found;
  straggler s = waiting_thread(1, 2s);
  s.kind = taskleak::task_kind::coroutine;
  s.alike.ids = {2, 3, 4};
  found.stragglers = {s};
  const sample only = read(taskleak::to_pprof(found)).samples.at(0);
  EXPECT_THAT(only.values, ElementsAre(4, 8'000'000'000));
  EXPECT_EQ(only.labels.at("kind"), "coroutine");
}

TEST(Pprof, CoroutinesThatDifferInTheIdOfTheThreadThatWaitsForThemAreOneSample) {
  report found;
  for (const char* thread : {"thread 4711 \"pool\"", "thread 4712 \"pool\""}) {
    straggler& s = found.stragglers.emplace_back(waiting_thread(1, 1s));
    s.kind = taskleak::task_kind::coroutine;
    s.stack.emplace_back().function = thread;
  }
  const profile read_back = read(taskleak::to_pprof(found));
  ASSERT_EQ(read_back.samples.size(), 1u);
  EXPECT_THAT(read_back.samples[0].stack.back(), ElementsAre("thread \"pool\" :0"));
}

TEST(Pprof, InlinedFunctionsAreOnePlaceWithTheFunctionAroundThem) {
  report found;
  straggler s = waiting_thread(1, 1s);
  s.stack = {at("inner()", "a.hpp", 1, 0x1000), at("middle()", "a.hpp", 2, 0x1000), at("outer()", "a.cpp", 3, 0x1000),
             at("main", "a.cpp", 9, 0x2000)};
  s.stack[0].inlined = s.stack[1].inlined = true;
  found.stragglers = {s};
  EXPECT_THAT(read(taskleak::to_pprof(found)).samples.at(0).stack,
              ElementsAre(ElementsAre("inner() a.hpp:1", "middle() a.hpp:2", "outer() a.cpp:3"), ElementsAre("main a.cpp:9")));
}

TEST(Pprof, PlumbingIsLeftOutUnlessAllFramesAreAskedFor) {
  report found;
  straggler s = waiting_thread(1, 1s);
  s.stack.push_back(at("std::thread::run()", "", 0, 0x3000));
  s.stack.back().plumbing = true;
  found.stragglers = {s};
  EXPECT_EQ(read(taskleak::to_pprof(found)).samples.at(0).stack.size(), 2u);
  taskleak::report_limits all;
  all.all_frames = true;
  EXPECT_EQ(read(taskleak::to_pprof(found, all)).samples.at(0).stack.size(), 3u);
}

TEST(Pprof, AStackOfPlumbingAloneIsShown) {
  report found;
  straggler s = waiting_thread(1, 1s);
  for (taskleak::frame& f : s.stack) f.plumbing = true;
  found.stragglers = {s};
  EXPECT_EQ(read(taskleak::to_pprof(found)).samples.at(0).stack.size(), 2u);
}

TEST(Pprof, ATaskWithoutAStackIsNotLost) {
  report found;
  straggler s = waiting_thread(1, 1s);
  s.stack.clear();
  s.stack_note = "the thread blocks the signal";
  found.stragglers = {s};
  EXPECT_THAT(read(taskleak::to_pprof(found)).samples.at(0).stack,
              ElementsAre(ElementsAre("(no stack: the thread blocks the signal) :0")));
}

TEST(Pprof, NotesAndErrorsAreComments) {
  report found;
  found.scope = "Feed";
  found.errors = {"cannot read leaks.supp"};
  found.notes = {"no lines of sources"};
  EXPECT_THAT(read(taskleak::to_pprof(found)).comments,
              ElementsAre("scope: Feed", "error: cannot read leaks.supp", "no lines of sources"));
}

TEST(Pprof, AnEmptyReportIsAProfileWithoutSamples) { EXPECT_THAT(read(taskleak::to_pprof(report{})).samples, IsEmpty()); }

TEST(Pprof, NamesOfAnyBytesBecomeValidText) {
  report found;
  straggler s = waiting_thread(1, 1s);
  s.name = "a\xff\nb";
  found.stragglers = {s};
  EXPECT_EQ(read(taskleak::to_pprof(found)).samples.at(0).labels.at("name"), "a\\xff\\x0ab");
}

TEST(Pprof, ADifferenceHasWhatIsNewAndTakesAwayWhatIsGone) {
  report before;
  before.stragglers = {waiting_thread(1, 1s), waiting_thread(2, 1s)};
  before.stragglers[1].stack.pop_back();
  report after;
  after.stragglers = {waiting_thread(1, 4s), waiting_thread(3, 2s)};
  const profile read_back = read(taskleak::to_pprof_difference(before, after));
  ASSERT_EQ(read_back.samples.size(), 2u);
  for (const sample& s : read_back.samples) {
    if (s.stack.size() == 2) {
      EXPECT_THAT(s.values, ElementsAre(1, 5'000'000'000));
    } else {
      EXPECT_THAT(s.values, ElementsAre(-1, -1'000'000'000));
    }
  }
}

TEST(Pprof, TheSameReportGivesTheSameBytes) {
  report found;
  found.stragglers = {waiting_thread(1, 1s), waiting_thread(2, 1s)};
  EXPECT_EQ(taskleak::to_pprof(found), taskleak::to_pprof(found));
}

}  // namespace
