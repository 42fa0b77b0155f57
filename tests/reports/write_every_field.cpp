// SPDX-License-Identifier: MIT
/// \file Writes the run of every_field.hpp to a file, in a format that the program has: <format> <file>.
#include <taskleak/format.hpp>

#include "every_field.hpp"

#include <fstream>
#include <string_view>

int main(int, char** argv) {
  for (const taskleak::output_format* f = taskleak::output_format::first(); f; f = f->next())
    if (f->name() == std::string_view(argv[1]))
      return std::ofstream(argv[2], std::ios::binary) << f->write(tests::every_field_of_a_run(), {}) ? 0 : 1;
  return 2;
}
