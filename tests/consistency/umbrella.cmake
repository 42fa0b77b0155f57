# SPDX-License-Identifier: MIT
# taskleak/taskleak.hpp includes every light public header, sorted, and nothing else.
cmake_minimum_required(VERSION 3.23)

# Heavy: what a test main includes, once. And what changes how a file is compiled, which is never to happen by accident.
set(not_in_umbrella taskleak.hpp runtime.hpp adapter.hpp gtest.hpp gtest_main.hpp gmock_main.hpp catch2.hpp catch2_main.hpp
                    doctest.hpp doctest_main.hpp boost_test.hpp boost_test_main.hpp track_coroutines.hpp boost_stacktrace.hpp allocation_sites.hpp pprof.hpp debug_endpoint.hpp debug_server.hpp)

# A format of reports brings a library, and is in no program that does not ask for it.
list(APPEND not_in_umbrella dot.hpp gitlab.hpp html.hpp json.hpp pprof.hpp sarif.hpp trace.hpp)

file(GLOB expected RELATIVE "${ROOT}/include/taskleak" "${ROOT}/include/taskleak/*.hpp")
list(REMOVE_ITEM expected ${not_in_umbrella})
file(STRINGS "${ROOT}/include/taskleak/taskleak.hpp" lines REGEX "^#include ")
list(TRANSFORM lines REPLACE "^#include <taskleak/(.*)>$" "\\1" OUTPUT_VARIABLE included)

set(complaints "")
foreach(header IN LISTS expected)
  if(NOT header IN_LIST included)
    string(APPEND complaints "\n  it does not include <taskleak/${header}>")
  endif()
endforeach()
foreach(header IN LISTS included)
  if(NOT header IN_LIST expected)
    string(APPEND complaints "\n  it should not include ${header}")
  endif()
endforeach()
set(sorted ${included})
list(SORT sorted)
if(NOT sorted STREQUAL included)
  string(APPEND complaints "\n  its includes are not sorted")
endif()
if(complaints)
  message(FATAL_ERROR "taskleak/taskleak.hpp:${complaints}")
endif()
