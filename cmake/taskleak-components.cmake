# SPDX-License-Identifier: MIT
# The targets beside taskleak::taskleak. The source tree and the installed package make them from this one description.

set(TASKLEAK_COMPONENTS coroutines runtime gtest gtest_main gmock_main catch2 catch2_main)
option(TASKLEAK_FMT_HEADER_ONLY "Take fmt as headers instead of linking its library. Default: OFF" OFF)

# Compiles the main line of taskleak::<component>, once for all programs of the build.
function(taskleak_add_main_objects objects component main_directory adapter framework)
  if(TARGET ${objects})  # a package that is found in two directories makes its other targets twice, and this one once
    return()
  endif()
  add_library(${objects} OBJECT EXCLUDE_FROM_ALL "${main_directory}/${component}.cpp")
  target_link_libraries(${objects} PRIVATE taskleak::${adapter} ${framework})
  # The tools of the project around look at the project's own files only.
  set_target_properties(${objects} PROPERTIES POSITION_INDEPENDENT_CODE ON UNITY_BUILD OFF
                        CXX_CLANG_TIDY "" CXX_CPPCHECK "" CXX_CPPLINT "" CXX_INCLUDE_WHAT_YOU_USE "")
endfunction()

# Puts a header in front of each C++ file of those that link <target>, where <condition> holds for them.
function(taskleak_include_first target header condition)
  target_compile_options(${target} INTERFACE "$<$<AND:$<COMPILE_LANGUAGE:CXX>,${condition}>:SHELL:-include ${header}>")
endfunction()

# Gives the headers of <library>, where there is such a target, and the other usage requirements that are named, to the C++ files of
# those that link <target>. Through target_link_libraries() its definitions would reach their files in other languages, too.
function(taskleak_use_headers target library)
  foreach(requirement IN ITEMS INCLUDE_DIRECTORIES ${ARGN})
    set(value "$<TARGET_PROPERTY:${library},INTERFACE_${requirement}>")
    set(value "$<$<AND:$<COMPILE_LANGUAGE:CXX>,$<TARGET_EXISTS:${library}>>:${value}>")
    if(requirement STREQUAL "INCLUDE_DIRECTORIES")
      target_include_directories(${target} SYSTEM INTERFACE "${value}")
    else()
      target_compile_definitions(${target} INTERFACE "${value}")
    endif()
  endforeach()
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
    taskleak_include_first(${target} taskleak/track_coroutines.hpp 1)
  elseif(component STREQUAL "runtime")
    target_link_libraries(${target} INTERFACE taskleak::taskleak Threads::Threads ${CMAKE_DL_LIBS})
    set(fmt fmt::fmt$<$<BOOL:${TASKLEAK_FMT_HEADER_ONLY}>:-header-only>)
    target_link_libraries(${target} INTERFACE $<LINK_ONLY:${fmt}>)
    taskleak_use_headers(${target} ${fmt} COMPILE_DEFINITIONS)
    taskleak_use_headers(${target} Boost::headers)
    # A library that is loaded at run time shares the registry of its program.
    target_link_options(${target} INTERFACE "$<$<AND:$<PLATFORM_ID:Linux>,${is_program}>:LINKER:--dynamic-list=${main_directory}/shared.list>")
    taskleak_find_backtrace(has_backtrace)
    if(has_backtrace)
      target_compile_definitions(${target} INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:TASKLEAK_USE_LIBBACKTRACE=1>")
      target_link_libraries(${target} INTERFACE backtrace)
    endif()
  elseif(component STREQUAL "gtest")
    target_link_libraries(${target} INTERFACE taskleak::runtime taskleak::coroutines GTest::gtest)
  elseif(component STREQUAL "catch2")
    target_link_libraries(${target} INTERFACE taskleak::runtime taskleak::coroutines Catch2::Catch2)
  elseif(component MATCHES "^(.*)_main$")
    # What the heavy part is compiled with is needed by the main line only, which is compiled here.
    set(adapter ${CMAKE_MATCH_1})
    set(framework_of_gtest GTest::gtest)
    set(framework_of_gmock $<TARGET_NAME_IF_EXISTS:GTest::gmock> GTest::gtest)
    set(framework_of_catch2 Catch2::Catch2)
    set(framework ${framework_of_${adapter}})
    if(adapter STREQUAL "gmock")  # GoogleTest's adapter, and the flags of GoogleMock
      set(adapter gtest)
    endif()
    target_link_libraries(${target} INTERFACE taskleak::coroutines ${framework} $<LINK_ONLY:taskleak::${adapter}>)
    set(objects taskleak_${component}_objects)
    taskleak_add_main_objects(${objects} ${component} "${main_directory}" ${adapter} "${framework}")
    # Only executables: a library of test helpers that links this must not bring a second main line.
    target_sources(${target} INTERFACE "$<${is_program}:$<TARGET_OBJECTS:${objects}>>")
    taskleak_include_first(${target} taskleak/detail/run/main_is_linked.hpp "${is_program}")
  endif()
endfunction()
