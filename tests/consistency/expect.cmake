# SPDX-License-Identifier: MIT
# taskleak_expect() itself: each of these cases has to be accepted, or refused for the reason given.

# expect_case(<sentence> <0: accepted, 1: refused> <what it says> <text of the case>)
function(expect_case sentence rc says case)
  string(MD5 name "${sentence}")
  set(file "${CMAKE_CURRENT_BINARY_DIR}/expect_cases/${name}.cmake")
  string(CONFIGURE [[
set(NAME "a case")
set(COMMAND_count 3)
set(COMMAND_0 sh)
set(COMMAND_1 -c)
set(WORKING_DIRECTORY "@CMAKE_CURRENT_BINARY_DIR@")
set(TEXT_count 0)
set(NOT_TEXT_count 0)
set(ENVIRONMENT_count 0)
]] start @ONLY)
  file(WRITE "${file}" "${start}${case}\n")
  taskleak_expect(NAME "consistency.expect: ${sentence}"
                  COMMAND "${CMAKE_COMMAND}" "-DCASE=${file}" -P "${TASKLEAK_EXPECT_SCRIPT}" RC ${rc} TEXT "${says}" LABELS consistency)
endfunction()

expect_case("the exact exit code is accepted" 0 "" [[
  set(RC 3)
  set(COMMAND_2 "exit 3")]])
expect_case("another exit code is refused" 1 "ended with '3', wanted exit code 1" [[
  set(RC 1)
  set(COMMAND_2 "exit 3")]])
expect_case("0 is not nonzero" 1 "ended with '0'" [[
  set(RC nonzero)
  set(COMMAND_2 "exit 0")]])
expect_case("an abort is not nonzero" 1 "ended with '[A-Za-z]+ aborted'" [[
  set(RC nonzero)
  set(COMMAND_2 [=[kill -ABRT $$]=])]])
expect_case("a crash is not nonzero" 1 "ended with 'Segmentation fault'" [[
  set(RC nonzero)
  set(COMMAND_2 [=[kill -SEGV $$]=])]])
expect_case("an abort that is wanted is accepted" 0 "" [[
  set(RC aborted)
  set(COMMAND_2 [=[kill -ABRT $$]=])]])
expect_case("a program that cannot be run is refused" 1 "No such file" [[
  set(RC nonzero)
  set(COMMAND_0 /no/such/program)
  set(COMMAND_2 "")]])
expect_case("each text is looked for" 1 "not found in the output: there" [[
  set(RC 0)
  set(COMMAND_2 "echo here")
  set(TEXT_count 2)
  set(TEXT_0 here)
  set(TEXT_1 there)]])
expect_case("stderr is looked at as well" 0 "" [[
  set(RC 0)
  set(COMMAND_2 "echo here >&2")
  set(TEXT_count 1)
  set(TEXT_0 here)]])
expect_case("a text that should not be there is refused, with all of the output" 1 "should not be: b.d.*all of its output.*abcde" [[
  set(RC 0)
  set(COMMAND_2 "echo abcde")
  set(NOT_TEXT_count 2)
  set(NOT_TEXT_0 xyz)
  set(NOT_TEXT_1 "b.d")]])

# Through the function: an unbalanced bracket, a semicolon, and the environment.
taskleak_expect(NAME "consistency.expect: brackets and semicolons in texts stay what they are"
                COMMAND sh -c "echo 'thread 7 [join, 3 ms] a;b'; exit 5" RC 5
                TEXT "\\[join" "ms\\] a;b" NOT_TEXT "\\[sleep" "b;a" LABELS consistency)
set(sentence "consistency.expect: the caller's options do not get through, those of the test do")
taskleak_expect(NAME "${sentence}" COMMAND sh -c "echo \"<$GTEST_FILTER|$TASKLEAK_OPTIONS>\"" RC 0 TEXT "<[|]a=b:c=d>"
                ENVIRONMENT "TASKLEAK_OPTIONS=a=b:c=d" LABELS consistency)
set_property(TEST "${sentence}" PROPERTY ENVIRONMENT "GTEST_FILTER=Feed.*" "TASKLEAK_OPTIONS=help=1")
