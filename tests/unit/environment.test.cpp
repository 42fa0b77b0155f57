// SPDX-License-Identifier: MIT
#include <taskleak/detail/run/environment.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace std::chrono_literals;
using taskleak::detail::environment_help;
using taskleak::detail::environment_key;
using taskleak::detail::environment_keys;
using taskleak::detail::environment_options;
using taskleak::detail::hang_action;
using taskleak::detail::parse_environment;
using taskleak::detail::pool_action;
using taskleak::detail::statics_action;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string allowed_keys =
    "allowed are help, enabled, wait_up_to, on_leak, suppressions, write_suppressions, unused_suppressions, known_pools, "
    "watch, fail_after, hang, exit_within, statics, verdicts, dump_on_signal, leaked_fds, sample, all_frames, "
    "coroutine_stacks, max_frames, max_stragglers, format, output, annotations";

environment_options parse_well(std::string_view text) {
  environment_options read = parse_environment(text);
  EXPECT_THAT(read.errors, IsEmpty()) << text;
  return read;
}

std::string only_error(std::string_view text) {
  const environment_options read = parse_environment(text);
  EXPECT_EQ(read.errors.size(), 1u) << text;
  return read.errors.empty() ? "" : read.errors.front();
}

TEST(Environment, SaysNothingByDefault) {
  for (std::string_view text : {"", ":", " , :\n"}) {
    const environment_options read = parse_well(text);
    EXPECT_FALSE(read.help);
    EXPECT_TRUE(read.enabled);
    EXPECT_EQ(read.wait_up_to, std::nullopt);
    EXPECT_THAT(read.suppressions, IsEmpty());
    EXPECT_EQ(read.write_suppressions, "");
    EXPECT_FALSE(read.unused_suppressions);
    EXPECT_EQ(read.known_pools, pool_action::ignore);
    EXPECT_EQ(read.statics, statics_action::judge);
    EXPECT_FALSE(read.all_frames);
    EXPECT_FALSE(read.coroutine_stacks);
    EXPECT_EQ(read.max_frames, 30u);
    EXPECT_EQ(read.max_stragglers, 100u);
    EXPECT_EQ(read.on_leak, std::nullopt);
  }
}

TEST(Environment, TakesEveryKey) {
  const environment_options read = parse_well(
      "help=1:enabled=0:wait_up_to=2s:on_leak=warn:suppressions=a.supp:write_suppressions=w.supp:unused_suppressions=1:"
      "all_frames=1:coroutine_stacks=1:max_frames=5:max_stragglers=7:known_pools=report:"
      "statics=fail:watch=0:fail_after=30s:hang=abort:exit_within=0:dump_on_signal=SIGUSR1");
  EXPECT_EQ(read.statics, statics_action::fail);
  EXPECT_EQ(read.known_pools, pool_action::report);
  EXPECT_FALSE(read.watch);
  EXPECT_EQ(read.fail_after, 30s);
  EXPECT_EQ(read.hang, hang_action::abort);
  EXPECT_EQ(read.exit_within, 0s);
  EXPECT_EQ(read.dump_on_signal, SIGUSR1);
  EXPECT_TRUE(read.help);
  EXPECT_FALSE(read.enabled);
  EXPECT_EQ(read.wait_up_to, 2s);
  EXPECT_THAT(read.suppressions, ElementsAre("a.supp"));
  EXPECT_EQ(read.write_suppressions, "w.supp");
  EXPECT_TRUE(read.unused_suppressions);
  EXPECT_TRUE(read.all_frames);
  EXPECT_TRUE(read.coroutine_stacks);
  EXPECT_EQ(read.max_frames, 5u);
  EXPECT_EQ(read.max_stragglers, 7u);
  EXPECT_EQ(read.on_leak, taskleak::leak_action::warn);
}

TEST(Environment, PairsAreSeparatedAsForSanitizers) {
  for (std::string_view separator : {":", ",", " ", "\t", "\n", "\r\n", " : "}) {
    const environment_options read = parse_well("help=1" + std::string(separator) + "all_frames=1" + std::string(separator));
    EXPECT_TRUE(read.help && read.all_frames) << separator;
  }
}

TEST(Environment, QuotedValueMayHoldSeparatorsAndTheOtherQuote) {
  EXPECT_THAT(parse_well("suppressions='C:/my files/a,b.supp':help=1").suppressions, ElementsAre("C:/my files/a,b.supp"));
  EXPECT_THAT(parse_well("suppressions=\"it's.supp\"").suppressions, ElementsAre("it's.supp"));
  EXPECT_THAT(parse_well("suppressions=it's=1.supp").suppressions, ElementsAre("it's=1.supp"));
}

TEST(Environment, SuppressionsAddUpAndOtherKeysAreReplaced) {
  EXPECT_THAT(parse_well("suppressions=a:suppressions=b").suppressions, ElementsAre("a", "b"));
  EXPECT_EQ(parse_well("max_frames=1:max_frames=2").max_frames, 2u);
}

TEST(Environment, BooleansAreSpelledAsPeopleSpellThem) {
  for (std::string_view yes : {"1", "true", "yes", "on"}) EXPECT_TRUE(parse_well(fmt::format("help={}", yes)).help) << yes;
  for (std::string_view no : {"0", "false", "no", "off"}) EXPECT_FALSE(parse_well(fmt::format("enabled={}", no)).enabled) << no;
  EXPECT_EQ(only_error("enabled=2"), "TASKLEAK_OPTIONS: bad value '2' for enabled; allowed: 0, 1, false, true, no, yes, off, on");
  EXPECT_THAT(only_error("enabled="), HasSubstr("bad value '' for enabled"));
}

TEST(Environment, DurationsAreMillisecondsUnlessAUnitFollows) {
  EXPECT_EQ(parse_well("wait_up_to=500").wait_up_to, 500ms);
  EXPECT_EQ(parse_well("wait_up_to=500ms").wait_up_to, 500ms);
  EXPECT_EQ(parse_well("wait_up_to=2s").wait_up_to, 2s);
  EXPECT_EQ(parse_well("wait_up_to=30us").wait_up_to, 30us);
  EXPECT_EQ(parse_well("wait_up_to=0").wait_up_to, 0s);
  for (std::string_view bad : {"", "s", "-1", "1.5s", "1m", "1 s", "99999999999999999999", "9223372037s", "0x10"})
    EXPECT_EQ(parse_environment(fmt::format("wait_up_to='{}'", bad)).errors,
              std::vector<std::string>{fmt::format("TASKLEAK_OPTIONS: bad value '{}' for wait_up_to; allowed: a whole number, "
                                                   "followed by ms, s or us; ms when nothing follows",
                                                   bad)});
}

TEST(Environment, NumbersAreWholeAndNotZero) {
  for (std::string_view bad : {"0", "-1", "", "many", "3.5", "7x", "99999999999999999999999"})
    EXPECT_EQ(only_error(fmt::format("max_frames={}", bad)),
              fmt::format("TASKLEAK_OPTIONS: bad value '{}' for max_frames; allowed: a whole number from 1", bad));
}

TEST(Environment, EmptyPathIsABadValue) {
  EXPECT_EQ(only_error("suppressions="), "TASKLEAK_OPTIONS: bad value '' for suppressions; allowed: a path");
  EXPECT_EQ(only_error("write_suppressions=''"), "TASKLEAK_OPTIONS: bad value '' for write_suppressions; allowed: a path");
}

TEST(Environment, ASampleIsOneOfAWholeNumber) {
  EXPECT_EQ(parse_environment("").sample.one_in, 1u);
  EXPECT_EQ(parse_environment("sample=1/1000").sample.one_in, 1000u);
  for (const char* wrong : {"1000", "1/0", "1/", "2/3", "1/x", "1/99999999999", "0.1"})
    EXPECT_EQ(only_error(fmt::format("sample={}", wrong)),
              fmt::format("TASKLEAK_OPTIONS: bad value '{}' for sample; allowed: 1/N, where N is a whole number from 1", wrong));
}

TEST(Environment, UnknownKeyIsNamedWithWhatIsAllowed) {
  EXPECT_EQ(only_error("on_leak=ignore"), "TASKLEAK_OPTIONS: bad value 'ignore' for on_leak; allowed: fail, warn");
  EXPECT_EQ(only_error("colour=1"), "TASKLEAK_OPTIONS: unknown key 'colour'; " + allowed_keys);
  EXPECT_EQ(only_error("=1"), "TASKLEAK_OPTIONS: unknown key ''; " + allowed_keys);
}

TEST(Environment, NearMissIsPointedOut) {
  EXPECT_EQ(only_error("wait_upto=1"), "TASKLEAK_OPTIONS: unknown key 'wait_upto'; did you mean 'wait_up_to'? " + allowed_keys);
  EXPECT_THAT(only_error("suppression=a"), HasSubstr("did you mean 'suppressions'?"));
  EXPECT_THAT(only_error("max-frames=3"), HasSubstr("did you mean 'max_frames'?"));
  EXPECT_THAT(only_error("hlep=1"), HasSubstr("did you mean 'help'?"));
  EXPECT_THAT(only_error("ENABLED=0"), HasSubstr("did you mean 'enabled'?"));
}

TEST(Environment, MissingEqualsSignIsNamed) {
  EXPECT_EQ(only_error("help"),
            "TASKLEAK_OPTIONS: missing '=' after 'help'; write key=value, and put a value that holds a separator in quotes");
  EXPECT_THAT(only_error("hel:all_frames=1"), HasSubstr("missing '=' after 'hel'; did you mean 'help'? write key=value"));
}

TEST(Environment, BadQuotesAreNamed) {
  EXPECT_EQ(only_error("suppressions='a:help=1"), "TASKLEAK_OPTIONS: unclosed quote ' in the value of suppressions: 'a:help=1");
  EXPECT_EQ(only_error("suppressions='a'b"),
            "TASKLEAK_OPTIONS: 'b' follows the closing quote in the value of suppressions; expected ':' or the end");
}

TEST(Environment, EveryMistakeIsReportedAndTheRestStillCounts) {
  const environment_options read = parse_environment("colour=1:max_frames=0:help:all_frames=1:enabled=maybe");
  EXPECT_EQ(read.errors.size(), 4u);
  EXPECT_TRUE(read.all_frames);
  EXPECT_EQ(read.max_frames, 30u);
}

TEST(Environment, BadWordOfAChoiceNamesThoseThatAreAllowed) {
  EXPECT_EQ(only_error("known_pools=never"), "TASKLEAK_OPTIONS: bad value 'never' for known_pools; allowed: ignore, report");
  EXPECT_EQ(only_error("statics=never"), "TASKLEAK_OPTIONS: bad value 'never' for statics; allowed: judge, fail, ignore");
}

TEST(Environment, HelpListsEveryKeyWithItsDefault) {
  const std::string help = environment_help();
  for (const environment_key& key : environment_keys)
    EXPECT_THAT(help, HasSubstr(fmt::format("  {}\n      {} (default: {})\n", key.name, key.help,
                                            key.default_text.empty() ? "none" : key.default_text)));
}

TEST(Environment, DefaultsInTheHelpAreTheRealOnes) {
  for (const environment_key& key : environment_keys) {
    if (key.default_text.empty() || key.name == "wait_up_to") continue;
    environment_options real;
    const environment_options said = parse_well(fmt::format("{}={}", key.name, key.default_text));
    const auto expect_same = [&](auto member) {
      if (member) {
        EXPECT_EQ(real.*member, said.*member) << key.name;
      }
    };
    expect_same(key.sets.flag);
    expect_same(key.sets.number);
    expect_same(key.sets.path);
    expect_same(key.sets.paths);
    expect_same(key.sets.duration);
    expect_same(key.sets.pools);
  }
}

TEST(Environment, OptionsPageListsEveryKeyWithItsDefault) {
  std::ifstream file(TASKLEAK_DOCS "/options.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  for (const environment_key& key : environment_keys) {
    const std::string shown = key.default_text.empty() ? "| |" : fmt::format("| `{}` |", key.default_text);
    EXPECT_THAT(page, HasSubstr(fmt::format("\n| `{}` {}", key.name, shown)));
  }
}

}  // namespace
