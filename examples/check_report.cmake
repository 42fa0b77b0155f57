# SPDX-License-Identifier: MIT
# Runs a leaking example and shows its output: it must fail through its test framework and report what the file EXPECTED says.
#   cmake [-D RUN_BY=what runs it] -D EXE=program -D EXIT_CODE=regex [-D EXPECTED=file] [-D TITLE=text] -P check_report.cmake
# Thread ids, addresses, durations and the folders above examples/ differ from run to run: the file holds ID, ADDR, TIME and
# nothing in their place; TEST_CASE stands for the name that Catch2 or doctest gives the function. Columns may shift with them, so runs of spaces inside a line count as one gap.
# The blanks of a line that has nothing else are part of the report: none of its lines is empty.
# Without EXPECTED any report will do.

function(normalise text result)
  string(REGEX REPLACE "(thread|coroutine) [0-9]+" "\\1 ID" text "${text}")
  string(REGEX REPLACE "0x[0-9a-f]+" "ADDR" text "${text}")
  string(REGEX REPLACE "like this one: [0-9, .]+" "like this one: ID..." text "${text}")
  string(REGEX REPLACE ", [0-9][0-9.]* (ms|s|min [0-9]+ s|h [0-9]+ min)\\]" ", TIME]" text "${text}")
  string(REGEX REPLACE "[^ \n]*/examples/" "examples/" text "${text}")
  string(REGEX REPLACE "\n *1 ignored: 1 x 'sanitizer's background thread'\n" "\n" text "${text}\n")
  # In a guard inside a test the words that dead local objects have left may hold a task, or not: that depends on the compiler.
  string(REGEX REPLACE "TIME\\] held by the stack of [^\n]*" "TIME]" text "${text}")
  string(REGEX REPLACE "\n *path:  the stack of thread ID(\n *[0-9]+-byte block [^\n]*)*" "" text "${text}")
  string(REGEX REPLACE "taskleak: (thread ID \"[^\"\n]*\"|coroutine ID) is orphaned since [^\n]*\n" "" text "${text}")
  # On a busy machine a thread may run all the time, and then nothing is called orphaned.
  string(REGEX REPLACE "TIME\\] orphaned: [^\n]*" "TIME]" text "${text}")
  string(REGEX REPLACE ", in a [0-9]+-byte block" "" text "${text}")
  string(REGEX REPLACE "\n *not known whether a task is orphaned: [^\n]*" "" text "${text}")
  # The parts of Catch2 and doctest: their names for the function of a test case, and a line that depends on the length of the path.
  string(REGEX REPLACE "(C_A_T_C_H_T_E_S_T_|CATCH2_INTERNAL_TEST_|DOCTEST_ANON_FUNC_)[0-9]+" "TEST_CASE" text "${text}")
  string(REGEX REPLACE "FAILED:\n(explicitly with message:\n|\n)" "FAILED:\n" text "${text}")
  string(REGEX REPLACE "([^ \n])   *([^ \n])" "\\1  \\2" text "${text}")
  string(REGEX REPLACE "([^ \n]) +\n" "\\1\n" text "${text}\n")
  string(STRIP "${text}" text)
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

if(TITLE)
  message(NOTICE "\n==== ${TITLE}")
endif()
foreach(name IN ITEMS TASKLEAK_OPTIONS GTEST_FILTER GTEST_COLOR GTEST_REPEAT GTEST_TOTAL_SHARDS GTEST_BREAK_ON_FAILURE
             GITHUB_STEP_SUMMARY)
  unset(ENV{${name}})
endforeach()
# LeakSanitizer would tell of the frames of lost coroutines as well, and end with a code of its own.
set(ENV{ASAN_OPTIONS} "detect_leaks=0:$ENV{ASAN_OPTIONS}")
execute_process(COMMAND ${RUN_BY} "${EXE}" RESULT_VARIABLE exit_code OUTPUT_VARIABLE output ERROR_VARIABLE output
                ECHO_OUTPUT_VARIABLE ECHO_ERROR_VARIABLE)

if(NOT exit_code MATCHES "^(${EXIT_CODE})$")
  message(FATAL_ERROR "${EXE} ended with ${exit_code}, not with ${EXIT_CODE}")
endif()

# GoogleTest's, Catch2's and doctest's form of a failure, up to what the framework says next.
if(NOT output MATCHES "\n([^\n]*: (Failure\n|FAILED:\n|ERROR: ).*)")
  message(FATAL_ERROR "${EXE} failed, but it reports no failure of a test")
endif()
set(failure "${CMAKE_MATCH_1}")
foreach(next IN ITEMS "\\[  FAILED  \\]" "\n====")
  string(REGEX REPLACE "${next}.*" "" failure "${failure}")
endforeach()
if(NOT failure MATCHES "left [0-9]+ (thread|coroutine)s? behind")
  message(FATAL_ERROR "${EXE} fails for another reason than a task it left behind")
endif()

if(EXPECTED)
  file(READ "${EXPECTED}" expected)
  normalise("${expected}" expected)
  normalise("${failure}" actual)
  if(NOT actual STREQUAL expected)
    message(NOTICE "---- reported\n${actual}\n---- expected\n${expected}\n----")
    message(FATAL_ERROR "${EXE} does not report what ${EXPECTED} says")
  endif()
endif()
