# SPDX-License-Identifier: MIT
# No header of ours gives a warning to those who include it by -I: each public header alone, and all of them beside each main line,
# in a build without assertions, too, which is what CMake's Release is.
#   cmake -D ROOT=<tree> -D CXX=<compiler> -D FLAGS=<list> -D WORK=<folder> [-D DOCTEST=1] [-D BOOST_TEST=1] -P warnings.cmake
cmake_minimum_required(VERSION 3.23)

execute_process(COMMAND "${CXX}" --version OUTPUT_VARIABLE version)
if(version MATCHES "clang")
  # All but what stands against the language we write, the table of pointers that an unwinder is, or each other.
  set(warnings -Weverything -Wno-c++98-compat -Wno-c++98-compat-pedantic -Wno-c++20-compat -Wno-pre-c++20-compat-pedantic
               -Wno-unknown-warning-option -Wno-padded -Wno-unsafe-buffer-usage -Wno-reserved-identifier -Wno-ctad-maybe-unsupported
               -Wno-switch-enum -Wno-switch-default -Wno-covered-switch-default -Wno-disabled-macro-expansion -Wno-weak-vtables
               -Wno-global-constructors -Wno-exit-time-destructors -Wno-missing-noreturn)
else()
  set(warnings -Wall -Wextra -Wpedantic -Wuseless-cast -Wold-style-cast -Wconversion -Wsign-conversion -Wshadow -Wextra-semi
               -Wnull-dereference -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wnon-virtual-dtor -Woverloaded-virtual
               -Wcast-align -Wcast-qual -Wformat=2 -Wdouble-promotion -Wundef -Wredundant-decls
               -Wsuggest-override -Wmissing-declarations -Wfloat-equal -Wimplicit-fallthrough)
endif()

# The optimiser of GCC finds what its front end does not; Clang's finds nothing more.
function(with_optimiser name result)
  if(version MATCHES "clang")
    set(${result} -fsyntax-only PARENT_SCOPE)
  else()
    set(${result} -O2 -S -o "${WORK}/${name}.s" PARENT_SCOPE)
  endif()
endfunction()

# compile(<name> <flags> <line>...): a file of these lines.
function(compile name flags)
  list(JOIN ARGN "\n" text)
  file(WRITE "${WORK}/${name}.cpp" "${text}\n")
  execute_process(COMMAND "${CXX}" -std=c++20 ${FLAGS} ${warnings} -Werror "-I${ROOT}/include" ${flags} "${WORK}/${name}.cpp"
                  RESULT_VARIABLE rc ERROR_VARIABLE errors)
  if(NOT rc STREQUAL "0")
    set(complaints "${complaints}\n${name}:\n${errors}" PARENT_SCOPE)
  endif()
endfunction()

set(complaints "")
file(GLOB headers RELATIVE "${ROOT}/include" "${ROOT}/include/taskleak/*.hpp")
foreach(header IN LISTS headers)
  if(NOT header MATCHES "(gtest|gmock|catch2|doctest|boost_test)")  # below
    string(REGEX REPLACE "[^a-z0-9]" "_" name "${header}")
    set(line "#include <${header}>")
    if(header MATCHES "/(pprof|debug_[a-z]+)\\.hpp$")
      set(line "#if __has_include(<protozero/pbf_writer.hpp>)" "${line}" "#endif")
    endif()
    if(header MATCHES "/debug_server\\.hpp$")
      set(line "#if __has_include(<httplib.h>)" ${line} "#endif")
    endif()
    compile(${name} -fsyntax-only ${line})
  endif()
endforeach()
with_optimiser(user flags_of_user)
compile(user "${flags_of_user}" "#include <taskleak/track_coroutines.hpp>"
        "#include \"${CMAKE_CURRENT_LIST_DIR}/warnings_user.cpp\"")
compile(program_of_main_target -fsyntax-only "#include <taskleak/detail/run/main_is_linked.hpp>" "#include <taskleak/gtest_main.hpp>")
set(all "#include <taskleak/track_coroutines.hpp>" "#include <taskleak/taskleak.hpp>")
with_optimiser(gtest_main flags_of_main)
compile(gtest_main "${flags_of_main}" ${all} "#include <taskleak/gtest_main.hpp>")
compile(gtest_main_without_assertions "-fsyntax-only;-DNDEBUG" ${all} "#include <taskleak/gtest_main.hpp>")
compile(catch2_main -fsyntax-only ${all} "#include <taskleak/catch2_main.hpp>")
if(DOCTEST)
  compile(doctest_main -fsyntax-only ${all} "#include <taskleak/doctest_main.hpp>")
endif()
if(BOOST_TEST)
  compile(boost_test_main -fsyntax-only ${all} "#include <taskleak/boost_test_main.hpp>")
  compile(boost_test_main_dynamic "-fsyntax-only;-DBOOST_TEST_DYN_LINK" ${all} "#include <taskleak/boost_test_main.hpp>")
endif()
if(complaints)
  message(FATAL_ERROR "headers that warn:${complaints}")
endif()
