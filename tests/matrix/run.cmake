# SPDX-License-Identifier: MIT
# Builds the programs of one configuration and looks at what they say:
#   cmake -DCASE=<file> -P run.cmake
# The file sets COMPILER, FLAGS, LINK_FLAGS, CHECK (the script with the expectations), FOLDER (where to build), and what
# settings.cmake.in names.
cmake_minimum_required(VERSION 3.23)
include("${CASE}")
include("${CMAKE_CURRENT_LIST_DIR}/../build_step.cmake")
separate_arguments(FLAGS)
separate_arguments(LINK_FLAGS)
file(REMOVE_RECURSE "${FOLDER}")
file(MAKE_DIRECTORY "${FOLDER}")

foreach(name IN ITEMS TASKLEAK_OPTIONS GTEST_FILTER GTEST_OUTPUT GTEST_COLOR ASAN_OPTIONS LSAN_OPTIONS TSAN_OPTIONS UBSAN_OPTIONS)
  unset(ENV{${name}})
endforeach()
# The parts are static objects: what they start is to be a leak all the same.
set(ENV{TASKLEAK_OPTIONS} statics=fail)

# compile(<name> [<flag>...]): <name>.cpp of this folder to <name>.o
function(compile name)
  build("${COMPILER}" -std=c++20 ${FLAGS} ${ARGN} -I${INCLUDE} -c "${SOURCES}/${name}.cpp" -o ${name}.o)
endfunction()

# link(<name> <object>...): an executable of the objects and the two libraries of this folder
function(link name)
  build("${COMPILER}" ${FLAGS} ${ARGN} ${LINK_FLAGS} ${parts} ${GTEST} -pthread -o ${name})
endfunction()

function(build_parts)
  compile(static_part)
  set(static_library static_part.o)
  if(NOT FLAGS MATCHES "-flto")  # whose objects are no objects to `ar`
    build("${AR}" rcs libstatic_part.a static_part.o)
    set(static_library libstatic_part.a)
  endif()
  if("${LINK_FLAGS}" MATCHES "-static(-pie)?(;|$)")  # no program of this kind takes a shared library
    compile(shared_part)
    set(shared_library shared_part.o)
  else()
    compile(shared_part -fPIC)
    build("${COMPILER}" ${FLAGS} -fPIC -shared shared_part.o -pthread -o libshared_part.so)
    set(shared_library libshared_part.so -Wl,-rpath,${FOLDER})
  endif()
  set(parts ${static_library} ${shared_library} PARENT_SCOPE)
endfunction()

# Compiles the main line and sets <result> to what a program with it is linked from.
function(build_main_line result)
  if("${LINK_FLAGS}" MATCHES "-static(-pie)?(;|$)")
    set(fmt_flags -DFMT_HEADER_ONLY)
  else()
    set(fmt_library ${FMT})
  endif()
  if(LIBBACKTRACE)
    set(backtrace_flags -DTASKLEAK_USE_LIBBACKTRACE=1)
  endif()
  compile(main_line ${fmt_flags} ${backtrace_flags} ${WARNINGS})
  set(${result} main_line.o ${fmt_library} ${LIBBACKTRACE} PARENT_SCOPE)
endfunction()

# Runs the command; sets rc and out.
macro(run)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${FOLDER}" RESULT_VARIABLE rc OUTPUT_VARIABLE out ERROR_VARIABLE out TIMEOUT 120)
endmacro()

# Takes rc and out of the last run() and says what is not as it should be.
function(complain what)
  message("${what}\n---- it ended with '${rc}' and said\n${out}\n---- end of its output")
  message(FATAL_ERROR "not as expected, see above")
endfunction()

function(expect_rc wanted)
  if(NOT rc STREQUAL wanted)
    complain("wanted exit code ${wanted}")
  endif()
endfunction()

function(expect_text text)
  if(NOT out MATCHES "${text}")
    complain("wanted in the output: ${text}")
  endif()
endfunction()

function(expect_no_text text)
  if(out MATCHES "${text}")
    complain("not wanted in the output: ${text}\nfound: ${CMAKE_MATCH_0}")
  endif()
endfunction()

# place(<result> <comment>): `FILE:LINE`, as a regex, of the one line of the suite that ends in the comment
function(place result comment)
  foreach(file IN ITEMS shared_part.cpp static_part.cpp suite.cpp)
    file(READ "${SOURCES}/${file}" content)
    string(FIND "${content}" "// ${comment}\n" position)
    if(position EQUAL -1)
      continue()
    endif()
    string(SUBSTRING "${content}" 0 ${position} before)
    string(REGEX REPLACE "[^\n]" "" newlines "${before}")
    string(LENGTH "${newlines}" line)
    math(EXPR line "${line} + 1")
    string(REPLACE "." "\\." file "${file}")
    set(${result} "${file}:${line}\n" PARENT_SCOPE)
    return()
  endforeach()
  message(FATAL_ERROR "no source file has: // ${comment}")
endfunction()

include("${CMAKE_CURRENT_LIST_DIR}/${CHECK}.cmake")
file(REMOVE_RECURSE "${FOLDER}")
