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
};

constexpr figure figures[] = {
    {"clean_check_threads", "ours under 2 us, flat; peer: listing /proc/self/task"},
    {"clean_check_tasks", "ours under 2 us, flat; peer: listing /proc/self/task"},
    {"pthread_create_and_join", "ratio at most 1.10; peer: libc's own functions"},
    {"std_thread_and_join", "ratio at most 1.10; peer: the same with libc's own functions"},
    {"dump_threads", "no figure; peer: reading comm, syscall and sched of each thread"},
};

/// `what | peer | ours | ratio | to reach`, times in microseconds.
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
      std::printf("%-48s %12.2f us %12.2f us %8.3f   %s\n", name.c_str(), counter("peer") / 1000, counter("ours") / 1000,
                  counter("ratio"), to_reach(name));
    }
    std::fflush(stdout);
  }

 private:
  static const char* to_reach(const std::string& name) {
    for (const figure& f : figures)
      if (name.compare(0, std::strlen(f.prefix), f.prefix) == 0) return f.to_reach;
    return "";
  }
};

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  table display;
  benchmark::RunSpecifiedBenchmarks(&display);
}
