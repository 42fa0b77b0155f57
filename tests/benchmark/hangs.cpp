// SPDX-License-Identifier: MIT
/// \file What it costs to be watched for hangs, and how soon a hang is told. Starts itself anew for each run.
#include <taskleak/adapter.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

namespace {

using clock_type = std::chrono::steady_clock;

double milliseconds_since(clock_type::time_point start) {
  return std::chrono::duration<double, std::milli>(clock_type::now() - start).count();
}

void record(const taskleak::adapter::message& told) { std::fputs(told.text.c_str(), stderr); }

/// A run of one test, in which the work is done.
double in_a_test(const std::function<double()>& work) {
  taskleak::adapter::run run({}, record);
  taskleak::adapter::checked_scope test;
  test.open_test("Benchmark", {__FILE__, __LINE__});
  const double result = work();
  for (const auto& told : test.close([] { return false; })) record(told);
  run.end(0);
  return result;
}

/// How long the begin of a run takes, in milliseconds.
double start() {
  const auto began = clock_type::now();
  taskleak::adapter::run run({}, record);
  const double took = milliseconds_since(began);
  run.end(0);
  return took;
}

/// A test that begins and ends, in nanoseconds.
double arming() {
  constexpr int rounds = 200'000;
  taskleak::adapter::run run({}, record);
  const auto began = clock_type::now();
  for (int i = 0; i < rounds; ++i) {
    taskleak::adapter::checked_scope test;
    test.open_test("Benchmark", {__FILE__, __LINE__});
    if (!test.close([] { return false; }).empty()) return -1;
  }
  const double took = milliseconds_since(began) * 1e6 / rounds;
  run.end(0);
  return took;
}

int helper() {
  std::ifstream children("/proc/self/task/" + std::to_string(getpid()) + "/children");
  int first = 0;
  children >> first;
  return first;
}

/// The helper's time on a CPU while a test sleeps, in milliseconds a minute.
double cpu_of_helper() {
  return in_a_test([] {
    const auto ran = [] {
      std::ifstream schedstat("/proc/" + std::to_string(helper()) + "/schedstat");
      double ns = 0;
      schedstat >> ns;
      return ns;
    };
    const double before = ran();
    const timespec seconds{6, 0};
    nanosleep(&seconds, nullptr);
    return (ran() - before) / 1e6 * 10;
  });
}

/// What the helper has for itself, in kilobytes.
double memory_of_helper() {
  return in_a_test([] {
    std::ifstream smaps("/proc/" + std::to_string(helper()) + "/smaps_rollup");
    double kilobytes = 0;
    for (std::string word; smaps >> word;)
      if (word == "Private_Clean:" || word == "Private_Dirty:") {
        double more = 0;
        smaps >> more;
        kilobytes += more;
      }
    return kilobytes;
  });
}

/// Page faults of a program that writes to 10 MB that it had when the helper was started.
double faults() {
  std::vector<char> memory(10'000'000, 1);
  taskleak::adapter::run run({}, record);
  rusage before{}, after{};
  getrusage(RUSAGE_SELF, &before);
  std::memset(memory.data(), 2, memory.size());
  getrusage(RUSAGE_SELF, &after);
  run.end(0);
  return static_cast<double>(after.ru_minflt - before.ru_minflt);
}

/// A wait group that never reaches zero.
double hang() {
  return in_a_test([] {
    std::mutex mutex;
    std::condition_variable zero;
    int count = 1;
    std::unique_lock lock(mutex);
    zero.wait(lock, [&] { return count == 0; });
    return 0.0;
  });
}

struct measurement {
  const char* name;
  double (*take)();
};
constexpr measurement measurements[] = {{"start", start},       {"arming", arming},
                                        {"cpu", cpu_of_helper}, {"memory", memory_of_helper},
                                        {"faults", faults},     {"hang", hang}};

/// One measurement in a process of its own, by what the process prints.
double run_alone(const std::string& program, const char* name, const char* options) {
  std::FILE* const child =
      popen(("TASKLEAK_OPTIONS=" + std::string(options) + " " + program + " " + name + " 2>&1").c_str(), "r");
  double value = -1;
  if (std::fscanf(child, "%lf", &value) != 1) value = -1;
  pclose(child);
  return value;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) {
    for (const measurement& m : measurements)
      if (std::strcmp(m.name, argv[1]) == 0) std::printf("%f\n", m.take());
    return 0;
  }
  const auto pairs = [&](const char* what, const char* name, const char* unit, int rounds) {
    std::vector<double> with, without;
    for (int i = 0; i < rounds; ++i) {
      without.push_back(run_alone(argv[0], name, "watch=0"));
      with.push_back(run_alone(argv[0], name, "watch=1"));
    }
    std::printf("%-56s %12.2f %s %12.2f %s\n", what, median(without), unit, median(with), unit);
  };
  std::printf("%-56s %15s %15s\n", "", "watch=0", "watch=1");
  pairs("begin of a run", "start", "ms", 15);
  pairs("a test begins and ends", "arming", "ns", 7);
  pairs("page faults of a write to 10 MB", "faults", "  ", 3);
  std::printf("%-56s %15s %12.2f ms\n", "CPU time of the helper in a minute of one test", "-",
              run_alone(argv[0], "cpu", "watch=1"));
  std::printf("%-56s %15s %12.2f kB\n", "memory of the helper", "-", run_alone(argv[0], "memory", "watch=1"));
  std::vector<double> hangs;
  for (int i = 0; i < 7; ++i) {
    const auto began = clock_type::now();
    run_alone(argv[0], "hang", "watch=1");
    hangs.push_back(milliseconds_since(began));
  }
  std::printf("%-56s %15s %12.2f ms   under 600 ms\n", "a wait group that never reaches zero, until the end", "never",
              median(hangs));
}
