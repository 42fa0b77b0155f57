// SPDX-License-Identifier: MIT
/// \file The first report of a process: one thread parked 30 frames deep, nothing looked up before. Starts itself anew for each
/// run.
#include <taskleak/runtime.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace {

std::mutex mutex;
std::condition_variable changed;
bool is_deep = false, over = false;

/// A function of its own for each depth, so that each frame is another look-up.
template <int Depth>
[[gnu::noinline]] int descend(int kept) {
  if constexpr (Depth == 0) {
    std::unique_lock lock(mutex);
    is_deep = true;
    changed.notify_all();
    changed.wait(lock, [] { return over; });
    return kept;
  } else {
    return descend<Depth - 1>(kept + Depth) + 1;
  }
}

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

/// One run, in a process of its own: prints the times of the first and of the second report, and how many frames have a line.
int one_run() {
  std::thread parked([] { std::exit(descend<29>(0) == -1); });
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [] { return is_deep; });
  }
  for (int i = 0; i < 2; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const taskleak::report found = taskleak::find(taskleak::wait_up_to(std::chrono::seconds(0)));
    const std::string text = taskleak::to_text(found);
    std::printf("%.3f ", milliseconds_since(start));
    if (found.stragglers.size() != 1 || text.empty()) return 1;
    if (i == 1) {
      const auto& stack = found.stragglers[0].stack;
      std::printf("%zu %zu\n", stack.size(),
                  static_cast<std::size_t>(std::count_if(stack.begin(), stack.end(), [](const auto& f) { return f.line != 0; })));
    }
  }
  std::fflush(stdout);
  _exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string(argv[1]) == "--one") return one_run();
  std::vector<std::pair<double, double>> runs;
  std::size_t frames = 0, lines = 0;
  for (int i = 0; i < 15; ++i) {
    std::FILE* child = popen((std::string(argv[0]) + " --one").c_str(), "r");
    double first = 0, second = 0;
    const bool understood = child && std::fscanf(child, "%lf %lf %zu %zu", &first, &second, &frames, &lines) == 4;
    if (!child || pclose(child) != 0 || !understood) {
      std::fputs("benchmark_first_report: a run failed\n", stderr);
      return 1;
    }
    runs.emplace_back(first, second);
  }
  std::sort(runs.begin(), runs.end());
  const auto [first, second] = runs[runs.size() / 2];
  std::printf("%-48s %15s %12.2f ms %8s   under 300 ms; %zu frames, %zu with file:line; the second report %.2f ms\n",
              "first report, cold", "-", first, "-", frames, lines, second);
}
