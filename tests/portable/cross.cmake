# SPDX-License-Identifier: MIT
# Builds a GoogleTest program with a cross compiler, runs it, and looks at what it says: cmake -DCASE=<file> -P cross.cmake
# CMakeLists.txt writes the file, and says what it sets.
cmake_minimum_required(VERSION 3.23)
include("${CASE}")
include("${CMAKE_CURRENT_LIST_DIR}/../build_step.cmake")
if(NOT MISSING STREQUAL "")
  message("taskleak: skipped: needs ${MISSING} (Debian: apt-get install ${MISSING})")
  return()
endif()
file(MAKE_DIRECTORY "${FOLDER}/include")
# a folder of its own, since the other headers beside them are those of this machine
file(CREATE_LINK "${FMT}/fmt" "${FOLDER}/include/fmt" SYMBOLIC)
if(BOOST)
  file(CREATE_LINK "${BOOST}/boost" "${FOLDER}/include/boost" SYMBOLIC)
endif()

set(compile "${COMPILER}" -std=c++20 "-I${FOLDER}/include" "-I${GOOGLETEST}/include" "-I${GOOGLETEST}" -DFMT_HEADER_ONLY=1)
if(NOT EXISTS "${FOLDER}/gtest.o")
  build(${compile} -c "${GOOGLETEST}/src/gtest-all.cc" -o gtest.o)
endif()
build(${compile} -Wall -Wextra -Werror "-I${ROOT}/include" "${SOURCES}/leaves.cpp" gtest.o ${FLAGS} -o leaves.exe)

set(ENV{WINEPREFIX} "${FOLDER}/wine")
set(ENV{WINEDEBUG} -all)
foreach(name IN ITEMS TASKLEAK_OPTIONS GTEST_FILTER GTEST_OUTPUT GTEST_COLOR DISPLAY)
  unset(ENV{${name}})
endforeach()
function(expect filter code)
  execute_process(COMMAND ${RUN} ./leaves.exe "--gtest_filter=${filter}" WORKING_DIRECTORY "${FOLDER}" TIMEOUT 300
                  RESULT_VARIABLE rc OUTPUT_VARIABLE out ERROR_VARIABLE out)
  string(REPLACE "\r" "" out "${out}")
  set(complaints "")
  if(NOT rc STREQUAL code)
    string(APPEND complaints "\n  it ended with '${rc}', wanted ${code}")
  endif()
  foreach(text IN LISTS ARGN)
    if(NOT out MATCHES "${text}")
      string(APPEND complaints "\n  not found in the output: ${text}")
    endif()
  endforeach()
  if(code EQUAL 0 AND out MATCHES "behind")
    string(APPEND complaints "\n  something is reported")
  endif()
  if(complaints)
    message(FATAL_ERROR "leaves --gtest_filter=${filter}:${complaints}\n---- all of its output\n${out}")
  endif()
endfunction()

expect("Coroutine.IsReportedWhenItIsLeft:Thread.IsReportedWhenItIsLeft" 1
       "taskleak: the portable back end is in use: "
       "${CREATED_HERE}: Failure\nCoroutine\\.IsReportedWhenItIsLeft left 1 coroutine behind: "
       "coroutine [0-9]+ waits_for[^\n]* .suspended at [^\n]*${WAITS}, "
       "    awaits std::suspend_always\n    created by main thread in Coroutine\\.IsReportedWhenItIsLeft\n"
       "thread [0-9]+ .alive, [0-9.]+ m?s.\n    created by main thread in Thread\\.IsReportedWhenItIsLeft\n" "2 FAILED TESTS")
expect("*IsNotReported*:Thread.IsAliveAndNothingMoreIsKnown" 0 "PASSED  . 7 tests")
