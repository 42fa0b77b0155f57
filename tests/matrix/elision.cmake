# SPDX-License-Identifier: MIT
# A frame that Clang elides is elided with tracking, too. Included by run.cmake.
foreach(tracking IN ITEMS "" "-include;taskleak/track_coroutines.hpp")
  compile(elision ${tracking} ${WARNINGS})
  build("${COMPILER}" ${FLAGS} elision.o -o elision)
  run(./elision)
  expect_rc(0)
endforeach()
