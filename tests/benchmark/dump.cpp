// SPDX-License-Identifier: MIT
/// \file The text of all parked threads; the peer reads for each thread the kernel's files that a stack is found from.
#include <taskleak/report.hpp>

#include "compare.hpp"
#include "parked_threads.hpp"

#include <sstream>
#include <string>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

namespace {

void read_kernel_files() {
  DIR* const directory = opendir("/proc/self/task");
  if (!directory) return;
  while (const dirent* entry = readdir(directory)) {
    if (entry->d_name[0] == '.') continue;
    for (const char* file : {"/comm", "/syscall", "/sched"}) {
      const std::string path = std::string("/proc/self/task/") + entry->d_name + file;
      const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
      if (fd < 0) continue;
      char text[4096];
      benchmark::DoNotOptimize(read(fd, text, sizeof text));
      close(fd);
    }
  }
  closedir(directory);
}

void dump_threads(benchmark::State& state) {
  const parked_threads parked(static_cast<std::size_t>(state.range(0)));
  std::size_t bytes = 0;
  compare(state, 1, read_kernel_files, [&] {
    std::ostringstream text;
    taskleak::dump(text);
    bytes = text.str().size();
  });
  state.counters["bytes"] = static_cast<double>(bytes);
}

BENCHMARK(dump_threads)->ArgName("parked")->Arg(100)->Arg(1000)->Iterations(7);

}  // namespace
