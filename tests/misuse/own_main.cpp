// SPDX-License-Identifier: MIT
/// \file A file of a program that links taskleak::gtest_main, which has a main() already.
#include <taskleak/detail/run/main_is_linked.hpp>

struct program {
  int main(int argc, char** argv);  // a function of that name anywhere else is none
};

#ifdef MISTAKE
int main(int argc, char** argv) { return program().main(argc, argv); }
#endif
