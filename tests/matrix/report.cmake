# SPDX-License-Identifier: MIT
# The test that leaves threads fails with the right report, its clean twin passes. Included by run.cmake.

# expect_report([LINES]): out is the report on four threads; LINES says that the program has debug information.
function(expect_report)
  expect_text("Parts\\.AreLeftBehind left 4 threads behind: [^\n]*\n")
  set(thread "\n  \nthread [0-9]+ \"[^\"]+\" ")
  set(created "    created by main thread in Parts\\.AreLeftBehind\n")
  if(NOT "LINES" IN_LIST ARGN)
    foreach(state IN ITEMS "condition wait" "semaphore wait" "(futex|future) wait" "read")
      expect_text("${thread}\\[${state}, [^\"]*\n${created}")
    endforeach()
    return()
  endif()

  # expect_thread(<state> <what it waits on> <function> <comment at its wait> <at the start of the thread> <at the call of that>)
  # In a place of its own, since functions of the standard library may be inlined between those of the user.
  function(expect_thread state object function wait start call)
    place(waits ${wait})
    place(starts ${start})
    place(calls ${call})
    expect_text("${thread}\\[${state}, [^\n]*\n(    path: [^\n]*\n(           [^\n]*\n)*)?    waits on ${object}[^\n]*\n    at [^\n]*${function}\\([^\n]*${waits}[^\"]*${created}    at [^\"]*${starts}[^\"]*${calls}[^\"]*TestBody\\(\\) [^\n]*suite\\.cpp:[0-9]+\n")
  endfunction()
  expect_thread("condition wait" "std::condition_variable 0x" "shared_part::wait" "the shared library's wait"
                "the shared library's start" "starts the shared library's")
  expect_thread("semaphore wait" "semaphore 0x" "static_part::wait" "the static library's wait"
                "the static library's start" "starts the static library's")
  expect_thread("future wait" "std::future 0x" "async_part::wait" "the wait of async" "the start of async" "starts async")
  expect_thread("read" "fd [0-9]+ \\(pipe:" "jthread_part::wait" "the wait of jthread" "the start of jthread" "starts jthread")
  expect_no_text("no source lines")
endfunction()

# expect_leaky_and_clean(<program> [LINES])
function(expect_leaky_and_clean program)
  run("./${program}" --gtest_filter=Parts.AreLeftBehind)
  expect_report(${ARGN})
  expect_text("FAILED  \\] Parts\\.AreLeftBehind")
  expect_text("1 FAILED TEST")
  expect_rc(1)
  run("./${program}" --gtest_filter=Parts.AreFinished)
  expect_text("PASSED  \\] 1 test\\.")
  expect_no_text("behind|taskleak")
  expect_rc(0)
endfunction()
