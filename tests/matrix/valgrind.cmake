# SPDX-License-Identifier: MIT
# Under valgrind's memcheck, beside a twin without taskleak. Included by run.cmake.
build_parts()
compile(suite)
build_main_line(main_line)
link(checked suite.o ${main_line})
set(GTEST ${GTEST_MAIN} ${GTEST})
link(twin suite.o)
set(memcheck "${VALGRIND}" --leak-check=full --show-leak-kinds=all)

# expect_same(<test> <regex of what to compare>): memcheck says the same of the twin and of the checked program
function(expect_same test regex)
  run(${memcheck} ./twin --gtest_filter=${test})
  string(REGEX MATCHALL "${regex}" by_twin "${out}")
  expect_text("ERROR SUMMARY")
  run(${memcheck} ./checked --gtest_filter=${test})
  string(REGEX MATCHALL "${regex}" by_checked "${out}")
  if(NOT "${by_twin}" STREQUAL "${by_checked}")
    complain("without taskleak memcheck says\n  ${by_twin}\nand with it\n  ${by_checked}")
  endif()
  set(out "${out}" PARENT_SCOPE)
  set(rc "${rc}" PARENT_SCOPE)
endfunction()

expect_same(Parts.AreFinished "in use at exit: [0-9,]+ bytes|[a-z]+ lost: [0-9,]+ bytes|ERROR SUMMARY: [0-9]+ errors")
expect_text("ERROR SUMMARY: 0 errors")
expect_rc(0)

# The report has blocks in use, and glibc as many "possibly lost" as there are threads, of a size that depends on the libraries loaded.
expect_same(Parts.AreLeftBehind "(definitely|indirectly) lost: [0-9,]+ bytes|ERROR SUMMARY: [0-9]+ errors")
expect_text("Parts\\.AreLeftBehind left 4 threads behind: [^\n]*\n")
place(start "the shared library's start")
expect_text("created by main thread in Parts\\.AreLeftBehind\n    at shared_part::start\\(\\) [^\n]*${start}")
expect_rc(1)
