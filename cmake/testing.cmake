# SPDX-License-Identifier: MIT
# How tests are declared.
# In seconds. A machine that is only imitated takes many times as long.
set(TASKLEAK_TEST_TIMEOUT 120)
if(CMAKE_CROSSCOMPILING)
  set(TASKLEAK_TEST_TIMEOUT 900)
endif()
set(TASKLEAK_EXPECT_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/expect.cmake")

# taskleak_main_line(<name> <file>): an object library of the file, which has the main line for GoogleTest, for programs that link it
# and taskleak::gtest. An object library is no program, but those that it is linked into have the heavy part from taskleak::gtest.
function(taskleak_main_line name file)
  add_library(${name} OBJECT ${file})
  target_link_libraries(${name} PRIVATE taskleak::gtest)
  if(TASKLEAK_COMPILE_ONCE)
    target_compile_definitions(${name} PRIVATE TASKLEAK_RUNTIME_IS_LINKED=1)
  endif()
endfunction()

# taskleak_program(<target> SOURCES <file>... [LIBRARIES <target>...])
#
# One executable, with the warnings of cmake/dev.cmake.
function(taskleak_program target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES)
    message(FATAL_ERROR "taskleak_program(${target}): SOURCES is missing, or not understood: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  add_executable(${target} ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE taskleak::taskleak ${arg_LIBRARIES})
  if(TARGET taskleak_dev)
    target_link_libraries(${target} PRIVATE taskleak_dev)
  endif()
endfunction()

# taskleak_unit_test(<name> SOURCES <file>... [LIBRARIES <target>...])
#
# One GoogleTest executable `unit_<name>`, without a main line of taskleak, and one ctest test `unit.<name>` with the label unit.
function(taskleak_unit_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  taskleak_program(unit_${name} SOURCES ${arg_SOURCES} LIBRARIES taskleak::runtime GTest::gtest GTest::gtest_main ${arg_LIBRARIES})
  add_test(NAME unit.${name} COMMAND unit_${name})
  set_tests_properties(unit.${name} PROPERTIES LABELS unit TIMEOUT ${TASKLEAK_TEST_TIMEOUT})
endfunction()

# taskleak_place(<result> <file> <text>)
#
# Sets <result> to `FILE:LINE`, as a regex, of the first line of <file> that holds <text>.
function(taskleak_place result file text)
  file(READ "${CMAKE_CURRENT_SOURCE_DIR}/${file}" content)
  string(FIND "${content}" "${text}" position)
  if(position EQUAL -1)
    message(FATAL_ERROR "taskleak_place: ${file} does not have: ${text}")
  endif()
  string(SUBSTRING "${content}" 0 ${position} before)
  string(REGEX REPLACE "[^\n]" "" newlines "${before}")
  string(LENGTH "${newlines}" count)
  math(EXPR line "${count} + 1")
  string(REPLACE "." "\\." name "${file}")
  set(${result} "${name}:${line}" PARENT_SCOPE)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
endfunction()

# taskleak_expect(NAME <sentence> COMMAND <target or program> [<argument>...] RC <code>
#                 [TEXT <regex>...] [NOT_TEXT <regex>...] [ENVIRONMENT <NAME=value>...]
#                 [WORKING_DIRECTORY <folder>] [LABELS <label>...] [PROPERTIES <property> <value>...])
#
# A ctest test that runs the command and looks at its end and at its output, stdout and stderr together.
# RC is the exact exit code, or `nonzero` for any but 0, or `aborted` for SIGABRT; a crash never counts as an exit code.
# Every TEXT has to be found, no NOT_TEXT may be. They are CMake regexes: `.` matches newlines too, `^` and `$` only the two ends.
# Where the tree is compiled for another CPU, a target is run by what CMake has been told to run such programs with.
# TASKLEAK_OPTIONS and the GTEST_* variables of the one who runs ctest are not seen by the command.
function(taskleak_expect)
  # Not cmake_parse_arguments: the `[` of a regex such as `\\[join` would join two elements of a list.
  set(keywords NAME COMMAND RC TEXT NOT_TEXT ENVIRONMENT WORKING_DIRECTORY LABELS PROPERTIES)
  foreach(keyword IN LISTS keywords)
    set(${keyword}_count 0)
  endforeach()
  set(keyword "")
  set(index 0)
  while(index LESS ARGC)
    set(value "${ARGV${index}}")
    math(EXPR index "${index} + 1")
    if("${value}" IN_LIST keywords)
      set(keyword "${value}")
    elseif(keyword STREQUAL "")
      message(FATAL_ERROR "taskleak_expect: not understood: ${value}")
    else()
      set(${keyword}_${${keyword}_count} "${value}")
      math(EXPR ${keyword}_count "${${keyword}_count} + 1")
    endif()
  endwhile()
  if(NOT NAME_count EQUAL 1 OR COMMAND_count EQUAL 0 OR NOT RC_count EQUAL 1)
    message(FATAL_ERROR "taskleak_expect(${NAME_0}): one NAME, a COMMAND and one RC are needed")
  endif()
  if(NOT RC_0 MATCHES "^([0-9]+|nonzero|aborted)$")
    message(FATAL_ERROR "taskleak_expect(${NAME_0}): RC is a number, nonzero or aborted, not '${RC_0}'")
  endif()

  set(run_by "")
  if(TARGET "${COMMAND_0}")
    set(COMMAND_0 "$<TARGET_FILE:${COMMAND_0}>")
    set(run_by "${CMAKE_CROSSCOMPILING_EMULATOR}")
  endif()
  if(WORKING_DIRECTORY_count EQUAL 0)
    set(WORKING_DIRECTORY_0 "${CMAKE_CURRENT_BINARY_DIR}")
  endif()

  set(case "set(NAME [==[${NAME_0}]==])\nset(RC [==[${RC_0}]==])\nset(WORKING_DIRECTORY [==[${WORKING_DIRECTORY_0}]==])\nset(RUN_BY [==[${run_by}]==])\n")
  foreach(keyword IN ITEMS COMMAND TEXT NOT_TEXT ENVIRONMENT)
    string(APPEND case "set(${keyword}_count ${${keyword}_count})\n")
    set(index 0)
    while(index LESS ${keyword}_count)
      string(APPEND case "set(${keyword}_${index} [==[${${keyword}_${index}}]==])\n")
      math(EXPR index "${index} + 1")
    endwhile()
  endforeach()

  # Numbered, so that the files of one folder sort in the order of their declaration.
  get_property(number DIRECTORY PROPERTY taskleak_expect_number)
  if(NOT number)
    set(number 1000)
  endif()
  math(EXPR number "${number} + 1")
  set_property(DIRECTORY PROPERTY taskleak_expect_number ${number})
  set(case_file "${CMAKE_CURRENT_BINARY_DIR}/expect/${number}.cmake")
  file(GENERATE OUTPUT "${case_file}" CONTENT "${case}")

  add_test(NAME "${NAME_0}" COMMAND "${CMAKE_COMMAND}" "-DCASE=${case_file}" -P "${TASKLEAK_EXPECT_SCRIPT}")
  set_tests_properties("${NAME_0}" PROPERTIES TIMEOUT ${TASKLEAK_TEST_TIMEOUT})
  set(index 0)
  set(labels "")
  while(index LESS LABELS_count)
    list(APPEND labels "${LABELS_${index}}")
    math(EXPR index "${index} + 1")
  endwhile()
  if(labels)
    set_tests_properties("${NAME_0}" PROPERTIES LABELS "${labels}")
  endif()
  set(index 0)
  while(index LESS PROPERTIES_count)
    math(EXPR value_index "${index} + 1")
    set_property(TEST "${NAME_0}" PROPERTY ${PROPERTIES_${index}} "${PROPERTIES_${value_index}}")
    math(EXPR index "${index} + 2")
  endwhile()
endfunction()
