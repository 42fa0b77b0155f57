# SPDX-License-Identifier: MIT
# Whether libbacktrace links with the compiler in use: gcc keeps the library in its own directory, where clang finds it as well.
# The installed package includes this file, so that the compiler of the project that uses taskleak is the one that is asked.

set(TASKLEAK_LIBBACKTRACE AUTO CACHE STRING "Take file:line from libbacktrace: AUTO (where it links), ON (an error where it does not), OFF")
set_property(CACHE TASKLEAK_LIBBACKTRACE PROPERTY STRINGS AUTO ON OFF)

# Sets <result> to TRUE when programs can be linked with -lbacktrace and are meant to be.
function(taskleak_find_backtrace result)
  set(${result} FALSE PARENT_SCOPE)
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if(TASKLEAK_LIBBACKTRACE STREQUAL "AUTO" AND NOT "CXX" IN_LIST languages)
    return()
  elseif(NOT TASKLEAK_LIBBACKTRACE STREQUAL "AUTO" AND NOT TASKLEAK_LIBBACKTRACE)
    return()
  endif()

  include(CheckCXXSourceCompiles)
  set(CMAKE_TRY_COMPILE_TARGET_TYPE EXECUTABLE)
  set(CMAKE_REQUIRED_LIBRARIES backtrace)
  set(CMAKE_REQUIRED_QUIET TRUE)
  check_cxx_source_compiles([[
    extern "C" {
    struct backtrace_state;
    backtrace_state* backtrace_create_state(const char*, int, void (*)(void*, const char*, int), void*);
    int backtrace_pcinfo(backtrace_state*, unsigned long, int (*)(void*, unsigned long, const char*, int, const char*),
                         void (*)(void*, const char*, int), void*);
    }
    static int found(void*, unsigned long, const char*, int, const char*) { return 0; }
    static void failed(void*, const char*, int) {}
    int main() { return backtrace_pcinfo(backtrace_create_state(nullptr, 1, failed, nullptr), 0, found, failed, nullptr); }
  ]] TASKLEAK_LIBBACKTRACE_LINKS)

  if(TASKLEAK_LIBBACKTRACE_LINKS)
    set(${result} TRUE PARENT_SCOPE)
  elseif(NOT TASKLEAK_LIBBACKTRACE STREQUAL "AUTO")
    message(FATAL_ERROR "taskleak: TASKLEAK_LIBBACKTRACE is ${TASKLEAK_LIBBACKTRACE}, but ${CMAKE_CXX_COMPILER} cannot link -lbacktrace")
  endif()
endfunction()
