// SPDX-License-Identifier: MIT
/// \file Includes Catch2, version 2 or 3, whichever is there, and names what they call differently.
#ifndef TASKLEAK_DETAIL_ADAPTER_CATCH2_FRAMEWORK_HPP
#define TASKLEAK_DETAIL_ADAPTER_CATCH2_FRAMEWORK_HPP

// What the file has included already counts, then a file that the program keeps in its own tree, then a package.
#if defined(TWOBLUECUBES_SINGLE_INCLUDE_CATCH_HPP_INCLUDED)
#define TASKLEAK_CATCH2_VERSION 2
#elif defined(CATCH_AMALGAMATED_HPP_INCLUDED)
#define TASKLEAK_CATCH2_VERSION 3
#elif __has_include("catch_amalgamated.hpp")
#include "catch_amalgamated.hpp"
#define TASKLEAK_CATCH2_VERSION 3
#elif __has_include("catch.hpp")
#define TASKLEAK_CATCH2_VERSION 2
#elif __has_include(<catch2/catch_session.hpp>)
#define TASKLEAK_CATCH2_VERSION 3
#elif __has_include(<catch2/catch.hpp>)
#define TASKLEAK_CATCH2_VERSION 2
#else
#error \
    "Catch2 was not found: link Catch2::Catch2, or add the folder of your catch.hpp or catch_amalgamated.hpp to the include path"
#include "taskleak: the error above says what to do"
#endif

#if TASKLEAK_CATCH2_VERSION == 2
#if defined(CATCH_CONFIG_MAIN)
#error "define no CATCH_CONFIG_MAIN: include taskleak/catch2_main.hpp, or write a main() with taskleak::verify_test_main()"
#elif defined(TWOBLUECUBES_SINGLE_INCLUDE_CATCH_HPP_INCLUDED) && !defined(CATCH_CONFIG_RUNNER)
#error "include taskleak/catch2.hpp before catch.hpp, or define CATCH_CONFIG_RUNNER before both"
#elif !defined(CATCH_CONFIG_RUNNER)
#define CATCH_CONFIG_RUNNER
#endif
#if defined(TWOBLUECUBES_SINGLE_INCLUDE_CATCH_HPP_INCLUDED)
#elif __has_include("catch.hpp")
#include "catch.hpp"
#else
#include <catch2/catch.hpp>
#endif
#elif !defined(CATCH_AMALGAMATED_HPP_INCLUDED)
#include <catch2/catch_assertion_info.hpp>
#include <catch2/catch_session.hpp>
#include <catch2/catch_test_case_info.hpp>
#include <catch2/interfaces/catch_interfaces_capture.hpp>
#include <catch2/internal/catch_assertion_handler.hpp>
#include <catch2/internal/catch_debugger.hpp>
#include <catch2/internal/catch_stdstreams.hpp>
#include <catch2/reporters/catch_reporter_event_listener.hpp>
#include <catch2/reporters/catch_reporter_registrars.hpp>
#endif

#include <ostream>
#include <string>

namespace taskleak::inline v0::detail {

#if TASKLEAK_CATCH2_VERSION == 2

using catch2_listener_base = Catch::TestEventListenerBase;
using catch2_assertion_ended_result = bool;

template <class Listener>
void register_once_in_catch2() {
  static const Catch::ListenerRegistrar<Listener> registered;
}

inline bool catch2_runs_no_tests(const Catch::ConfigData& config) {
  return config.listTests || config.listTestNamesOnly || config.listTags || config.listReporters || config.showHelp;
}

inline bool catch2_writes_to_console_only(const Catch::ConfigData& config) { return config.reporterName == "console"; }

/// Calls `visit(name of a reporter, file that it writes)`, with an empty file for the console, for each reporter.
template <class Visit>
void for_each_catch2_reporter(const Catch::ConfigData& config, Visit&& visit) {
  visit(config.reporterName, config.outputFilename);
}

/// Returns the stream of the console reporter.
inline std::ostream& catch2_console() { return Catch::getCurrentContext().getConfig()->stream(); }

/// Counts a failure that was recorded at the end of the section; here Catch2 looks at the failures themselves.
inline void catch2_count_failure(const Catch::SectionStats&) noexcept {}

#else

using catch2_listener_base = Catch::EventListenerBase;
using catch2_assertion_ended_result = void;

template <class Listener>
void register_once_in_catch2() {
  static const Catch::ListenerRegistrar<Listener> registered("taskleak");
}

inline bool catch2_runs_no_tests(const Catch::ConfigData& config) {
  return config.listTests || config.listTags || config.listReporters || config.listListeners || config.showHelp;
}

inline bool catch2_writes_to_console_only(const Catch::ConfigData& config) {
  if (!config.defaultOutputFilename.empty() && config.defaultOutputFilename != "-") return false;
  if (config.reporterSpecifications.empty()) return true;
  const Catch::ReporterSpec& first = config.reporterSpecifications.front();
  return config.reporterSpecifications.size() == 1 && first.name() == "console" && !first.outputFile();
}

/// Calls `visit(name of a reporter, file that it writes)`, with an empty file for the console, for each reporter.
template <class Visit>
void for_each_catch2_reporter(const Catch::ConfigData& config, Visit&& visit) {
  if (config.reporterSpecifications.empty()) visit(std::string("console"), config.defaultOutputFilename);
  for (const Catch::ReporterSpec& reporter : config.reporterSpecifications)
    visit(std::string(reporter.name()), reporter.outputFile() ? *reporter.outputFile() : config.defaultOutputFilename);
}

/// Returns the stream of the console reporter.
inline std::ostream& catch2_console() { return Catch::cout(); }

/// Counts a failure that was recorded at the end of the section.
///
/// Catch2 counts before it calls listeners, and its JUnit reporter leaves out a section that has no assertion by this count. The
/// object is a temporary of RunContext::sectionEnded(), not a constant, and reporters get it after listeners.
inline void catch2_count_failure(const Catch::SectionStats& stats) noexcept {
  ++const_cast<Catch::SectionStats&>(stats).assertions.failed;
}

#endif

}  // namespace taskleak::inline v0::detail

#endif
