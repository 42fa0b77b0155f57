// SPDX-License-Identifier: MIT
/// \file The whole main() of a Catch2 program; include it in one source file only.
#ifndef TASKLEAK_CATCH2_MAIN_HPP
#define TASKLEAK_CATCH2_MAIN_HPP

#include <taskleak/catch2.hpp>

int main(int argc, char** argv) { return taskleak::verify_test_main(argc, argv); }

#endif
