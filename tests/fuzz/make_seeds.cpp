// SPDX-License-Identifier: MIT
/// \file Writes the seeds of one reader into a folder: make_seeds READER FOLDER
#include "seeds.hpp"

#include <cstddef>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::vector<std::string> made = seeds::made_for(argv[1]);
  for (std::size_t i = 0; i < made.size(); ++i)
    std::ofstream(std::string(argv[2]) + "/seed_" + std::to_string(i), std::ios::binary) << made[i];
  std::printf("%s: %zu seeds\n", argv[1], made.size());
  return made.empty() ? 1 : 0;
}
