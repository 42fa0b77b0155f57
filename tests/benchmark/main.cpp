// SPDX-License-Identifier: MIT
/// \file Runs the benchmarks and prints them as one table of ratios; this is the program's main line of taskleak as well.
#include <taskleak/runtime.hpp>

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

namespace {

struct figure {
  const char* prefix;  ///< of the benchmark's name
  const char* to_reach;
  const char* unit = "us";
};

constexpr figure figures[] = {
    {"clean_check_threads", "ours under 2 us, flat; peer: listing /proc/self/task"},
    {"clean_check_with_rules", "ours under 2 us, flat; peer: listing /proc/self/task"},
    {"clean_check_tasks", "ours under 2 us, flat; peer: listing /proc/self/task"},
    {"pthread_create_and_join", "ratio at most 1.05; peer: libc's own functions"},
    {"std_thread_and_join", "ratio at most 1.05; peer: the same with libc's own functions"},
    {"dump_threads", "no figure; peer: reading comm, syscall and sched of each thread"},
    {"coroutine_bytes", "ours at most 96 B more; peer: the same untracked, both with the allocator's share", "B"},
    {"coroutine_frame_bytes", "a part of the above: the frame", "B"},
    {"coroutine_", "ours at most 8 ns more for each coroutine; peer: the same untracked", "ns"},
    {"clean_check_coroutines", "ours under 2 us, flat; peer: one system call"},
    {"snapshot_coroutines", "ours flat; peer: one system call"},
    {"failing_check_coroutines", "1,000,000: ours under 2 s, and 1 s of waiting; peer: making and destroying as many"},
    {"failing_check_threads", "10,000: ours under 3 s; peer: making and ending as many"},
    {"failing_check_rules", "no figure, nearly flat; peer: the same without rules"},
    {"long_symbol", "under 100 ms; peer: strlen()"},
    {"dump_coroutine", "100,000: ours under 200 ms; peer: as many lines put together"},
};

/// `what | peer | ours | ratio | to reach`.
class table : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override {
    std::printf("%-48s %15s %15s %8s   %s\n", "what", "peer", "ours", "ratio", "to reach");
    return true;
  }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      std::string name = run.benchmark_name();
      if (const auto at = name.find("/iterations:"); at != std::string::npos) name.resize(at);
      if (run.error_occurred) {
        std::printf("%-48s %s\n", name.c_str(), run.error_message.c_str());
        continue;
      }
      const auto counter = [&](const char* which) { return run.counters.at(which).value; };
      const figure& f = figure_of(name);
      const double scale = std::strcmp(f.unit, "us") == 0 ? 1000 : 1;
      std::printf("%-48s %12.2f %-2s %12.2f %-2s %8.3f   %s\n", name.c_str(), counter("peer") / scale, f.unit,
                  counter("ours") / scale, f.unit, counter("ratio"), f.to_reach);
    }
    std::fflush(stdout);
  }

 private:
  static const figure& figure_of(const std::string& name) {
    static constexpr figure none{"", ""};
    for (const figure& f : figures)
      if (name.compare(0, std::strlen(f.prefix), f.prefix) == 0) return f;
    return none;
  }
};

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  table display;
  benchmark::RunSpecifiedBenchmarks(&display);
}
