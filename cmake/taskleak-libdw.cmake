# SPDX-License-Identifier: MIT
# Whether libdw of elfutils walks stacks. Stacks are walked by the back end of Linux alone, which is for x86-64 today, and there taskleak
# has a walker of its own: so AUTO links libdw nowhere. A CPU that gets that back end without a walker is where AUTO will link it.
# The installed package includes this file, so that the compiler of the project that uses taskleak is the one that is asked.

set(TASKLEAK_LIBDW AUTO CACHE STRING "Walk stacks by libdw: AUTO (where stacks are walked and taskleak has no walker of its own: nowhere today), ON (on x86-64 too, for stacks that taskleak's own cannot follow; an error where it does not link), OFF")
set_property(CACHE TASKLEAK_LIBDW PROPERTY STRINGS AUTO ON OFF)

# Sets <result> to TRUE when programs can be linked with libdw.
function(taskleak_libdw_links result)
  set(${result} FALSE PARENT_SCOPE)
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if(NOT "CXX" IN_LIST languages)
    return()
  endif()
  include(CheckCXXSourceCompiles)
  set(CMAKE_TRY_COMPILE_TARGET_TYPE EXECUTABLE)
  set(CMAKE_REQUIRED_LIBRARIES dw)
  set(CMAKE_REQUIRED_QUIET TRUE)
  check_cxx_source_compiles([[
    #include <elfutils/libdwfl.h>
    int main() { return dwfl_errno(); }
  ]] TASKLEAK_LIBDW_LINKS)
  if(TASKLEAK_LIBDW_LINKS)
    set(${result} TRUE PARENT_SCOPE)
  endif()
endfunction()

# Sets <result> to TRUE when they can be and are meant to be.
function(taskleak_find_libdw result)
  set(${result} FALSE PARENT_SCOPE)
  if(TASKLEAK_LIBDW STREQUAL "AUTO" OR NOT TASKLEAK_LIBDW)
    return()
  endif()
  if(TASKLEAK_PORTABLE OR NOT CMAKE_SYSTEM_NAME STREQUAL "Linux" OR NOT CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
    message(FATAL_ERROR "taskleak: TASKLEAK_LIBDW is ${TASKLEAK_LIBDW}, but the portable back end walks no stacks")
  endif()
  taskleak_libdw_links(links)
  if(links)
    set(${result} TRUE PARENT_SCOPE)
  else()
    message(FATAL_ERROR "taskleak: TASKLEAK_LIBDW is ${TASKLEAK_LIBDW}, but ${CMAKE_CXX_COMPILER} cannot link -ldw with <elfutils/libdwfl.h> (Debian and Ubuntu: libdw-dev)")
  endif()
endfunction()
