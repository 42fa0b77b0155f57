// SPDX-License-Identifier: MIT
/// \file Writes reports as profiles for pprof, as `go tool pprof` and others read them.
///
/// No other header of taskleak includes this one but those of the debug endpoint: it needs protozero, which is headers alone.
/// Link taskleak::pprof, which brings zlib too, where that is found.
#ifndef TASKLEAK_PPROF_HPP
#define TASKLEAK_PPROF_HPP

#if !__has_include(<protozero/pbf_writer.hpp>)
#error "taskleak/pprof.hpp needs protozero (Debian and Ubuntu: libprotozero-dev): link the CMake target taskleak::pprof"
#endif

#include <taskleak/detail/report/pprof/gzip.hpp>
#include <taskleak/detail/report/pprof/profile_samples.hpp>
#include <taskleak/detail/report/pprof/profile_writer.hpp>
#include <taskleak/format.hpp>
#include <taskleak/report.hpp>

#include <cstdint>
#include <string>

namespace taskleak::inline v0 {

namespace detail {

/// Says when a profile was taken, and over how long; 0 where that is not known.
struct profile_time {
  std::int64_t taken_ns = 0;  ///< since 1970
  std::int64_t duration_ns = 0;
};

/// Encodes a report, or what it has more than `before`.
inline std::string encode_profile(const report& found, const report* before, const report_limits& limits, profile_time when) {
  profile_writer to;
  to.add_value_type("tasks", "count");
  to.add_value_type("parked", "nanoseconds");
  to.set_default_value_type("tasks");
  to.set_period("tasks", "count", 1);
  if (when.taken_ns != 0) to.set_time(when.taken_ns);
  if (when.duration_ns != 0) to.set_duration(when.duration_ns);
  if (!found.scope.empty()) to.add_comment("scope: " + found.scope);
  for (const std::string& error : found.errors) to.add_comment("error: " + error);
  for (const std::string& note : found.notes) to.add_comment(note);
  profile_samples samples(to);
  samples.add(found, limits);
  if (before) samples.add(*before, limits, -1);
  samples.write();
  return compressed(to.take());
}

}  // namespace detail

/// Returns the stragglers of a report as a profile of pprof (profile.proto), by gzip where the program links zlib.
///
/// There is one sample for each distinct stack with its labels: `kind` (thread or coroutine), `state`, and, where there is one,
/// `verdict`, `scope` and `name`. A sample's values are `tasks`, how many tasks it stands for, and `parked`, the sum of the times
/// for which they have been in this state. Of coroutines that the report counts without describing them (straggler::alike), the
/// described one's time is taken for all.
///
/// Frames of plumbing are left out unless the limits ask for all frames. No other limit applies: a profile that lacks tasks or
/// frames cannot be compared with another. Throws std::bad_alloc, and std::runtime_error where zlib fails.
///
///     std::ofstream("tasks.pb.gz", std::ios::binary) << taskleak::to_pprof(taskleak::find());
///     // $ go tool pprof -top tasks.pb.gz
inline std::string to_pprof(const report& found, const report_limits& limits = {}) {
  return detail::encode_profile(found, nullptr, limits, {});
}

/// Returns what `after` has more than `before`, as a profile. Tasks that are gone count as negative.
inline std::string to_pprof_difference(const report& before, const report& after, const report_limits& limits = {}) {
  return detail::encode_profile(after, &before, limits, {});
}

/// Returns what a run has left behind as one profile; `scope` says which test left a task.
inline std::string to_pprof(const run_report& run, const report_limits& limits = {}) {
  report all;
  for (const report& found : run.reports) {
    if (found.kind == report_kind::leak)
      all.stragglers.insert(all.stragglers.end(), found.stragglers.begin(), found.stragglers.end());
    all.errors.insert(all.errors.end(), found.errors.begin(), found.errors.end());
    all.notes.insert(all.notes.end(), found.notes.begin(), found.notes.end());
  }
  return to_pprof(all, limits);
}

/// Brings `format=pprof`, which needs an output: the profile is no text.
inline const output_format pprof_format("pprof",
                                        [](const run_report& run, const report_limits& limits) { return to_pprof(run, limits); },
                                        {.is_binary = true});

}  // namespace taskleak::inline v0

#endif
