# SPDX-License-Identifier: MIT
# The targets beside taskleak::taskleak. The source tree and the installed package make them from this one description.

set(TASKLEAK_COMPONENTS coroutines runtime gtest gtest_main catch2 catch2_main)
option(TASKLEAK_FMT_HEADER_ONLY "Take fmt as headers instead of linking its library. Default: OFF" OFF)

# Compiles the main line of taskleak::<component>, once for all programs of the build.
function(taskleak_add_main_objects objects component main_directory)
  if(TARGET ${objects})  # a package that is found in two directories makes its other targets twice, and this one once
    return()
  endif()
  string(REGEX REPLACE "_main$" "" adapter ${component})
  add_library(${objects} OBJECT EXCLUDE_FROM_ALL "${main_directory}/${component}.cpp")
  target_link_libraries(${objects} PRIVATE taskleak::${adapter})
  # The tools of the project around look at the project's own files only.
  set_target_properties(${objects} PROPERTIES POSITION_INDEPENDENT_CODE ON UNITY_BUILD OFF
                        CXX_CLANG_TIDY "" CXX_CPPCHECK "" CXX_CPPLINT "" CXX_INCLUDE_WHAT_YOU_USE "")
endfunction()

# Makes taskleak::<component>; main_directory holds the source files of the *_main components. With IMPORTED, as a package does.
function(taskleak_add_component component main_directory)
  if(TARGET taskleak::${component})
    return()
  endif()
  if("IMPORTED" IN_LIST ARGN)
    set(target taskleak::${component})
    add_library(${target} INTERFACE IMPORTED)
  else()
    set(target taskleak_${component})
    add_library(${target} INTERFACE)
    add_library(taskleak::${component} ALIAS ${target})
  endif()

  set(is_program "$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>")
  if(component STREQUAL "coroutines")
    target_link_libraries(${target} INTERFACE taskleak::taskleak)
    target_compile_options(${target} INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include taskleak/track_coroutines.hpp>")
  elseif(component STREQUAL "runtime")
    target_link_libraries(${target} INTERFACE taskleak::taskleak Threads::Threads ${CMAKE_DL_LIBS}
                                              fmt::fmt$<$<BOOL:${TASKLEAK_FMT_HEADER_ONLY}>:-header-only>
                                              $<TARGET_NAME_IF_EXISTS:Boost::headers>)
    # A library that is loaded at run time shares the registry of its program.
    target_link_options(${target} INTERFACE "$<$<AND:$<PLATFORM_ID:Linux>,${is_program}>:LINKER:--dynamic-list=${main_directory}/shared.list>")
    taskleak_find_backtrace(has_backtrace)
    if(has_backtrace)
      target_compile_definitions(${target} INTERFACE TASKLEAK_USE_LIBBACKTRACE=1)
      target_link_libraries(${target} INTERFACE backtrace)
    endif()
  elseif(component STREQUAL "gtest")
    target_link_libraries(${target} INTERFACE taskleak::runtime taskleak::coroutines GTest::gtest)
  elseif(component STREQUAL "catch2")
    target_link_libraries(${target} INTERFACE taskleak::runtime taskleak::coroutines Catch2::Catch2)
  elseif(component MATCHES "^(.*)_main$")
    target_link_libraries(${target} INTERFACE taskleak::${CMAKE_MATCH_1})
    set(objects taskleak_${component}_objects)
    taskleak_add_main_objects(${objects} ${component} "${main_directory}")
    # Only executables: a library of test helpers that links this must not bring a second main line.
    target_sources(${target} INTERFACE "$<${is_program}:$<TARGET_OBJECTS:${objects}>>")
    target_compile_definitions(${target} INTERFACE "$<${is_program}:TASKLEAK_MAIN_IS_LINKED=1>")
  endif()
endfunction()
