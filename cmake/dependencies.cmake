# SPDX-License-Identifier: MIT
# Where fmt, the test frameworks and Boost come from when taskleak is used as a source tree.

# Makes a fetched project available at once; its options are given as NAME=VALUE.
function(taskleak_fetch name url)
  include(FetchContent)
  foreach(setting IN LISTS ARGN)
    string(REGEX MATCH "^([^=]+)=(.*)$" _ "${setting}")
    set(${CMAKE_MATCH_1} "${CMAKE_MATCH_2}")
  endforeach()
  set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)
  FetchContent_Declare(${name} URL "${url}" DOWNLOAD_EXTRACT_TIMESTAMP ON)
  FetchContent_MakeAvailable(${name})
endfunction()

# Finds what is not there yet. A target that the project around has made, before or after it added taskleak, is taken as it is.
function(taskleak_find_dependencies)
  get_property(before DIRECTORY PROPERTY IMPORTED_TARGETS)
  set(named Threads::Threads fmt::fmt fmt::fmt-header-only Boost::headers)
  find_package(Threads REQUIRED)
  if(NOT TARGET fmt::fmt)
    find_package(fmt CONFIG QUIET)
  endif()
  get_property(rows GLOBAL PROPERTY TASKLEAK_FRAMEWORKS)
  foreach(row IN LISTS rows)
    taskleak_read_framework("${row}" framework)
    taskleak_find_frameworks(${framework_NAME})
    list(APPEND named ${framework_TARGET})
  endforeach()
  if(NOT TARGET Boost::headers)
    find_package(Boost CONFIG QUIET)
  endif()

  # Imported targets are seen below the directory that found them only, and taskleak's users may be anywhere. Those that the
  # project around had before are left alone, except for the ones that taskleak's own targets name.
  get_property(found DIRECTORY PROPERTY IMPORTED_TARGETS)
  list(REMOVE_ITEM before ${named})
  list(REMOVE_ITEM found "" ${before})
  foreach(target IN LISTS found)
    set_property(TARGET ${target} PROPERTY IMPORTED_GLOBAL TRUE)
  endforeach()

  if(TASKLEAK_FETCH_DEPENDENCIES AND NOT TARGET fmt::fmt)
    taskleak_fetch(fmt https://github.com/fmtlib/fmt/archive/refs/tags/9.1.0.tar.gz)
  endif()
  if(TASKLEAK_FETCH_DEPENDENCIES AND NOT TARGET GTest::gtest)
    taskleak_fetch(googletest https://github.com/google/googletest/archive/refs/tags/v1.14.0.tar.gz INSTALL_GTEST=OFF)
  endif()
  if(NOT TARGET fmt::fmt)
    message(WARNING "taskleak: fmt was not found. Install it (Debian and Ubuntu: libfmt-dev) or set TASKLEAK_FETCH_DEPENDENCIES=ON")
  endif()
endfunction()

if(PROJECT_IS_TOP_LEVEL OR TASKLEAK_FETCH_DEPENDENCIES)
  taskleak_find_dependencies()
else()
  # At the end of the configure run, so that a fmt or GoogleTest which the project around adds later is not found twice.
  cmake_language(DEFER DIRECTORY "${CMAKE_SOURCE_DIR}" CALL taskleak_find_dependencies)
endif()
