# SPDX-License-Identifier: MIT
# The targets beside taskleak::taskleak. The source tree and the installed package make them from this one description.

# The test frameworks, a row each; a further one is one more row, and its headers taskleak/<name>.hpp and taskleak/<name>_main.hpp:
#   <name>  <package of find_package()>  <its target>  <a header it brings>  <how people call it>  <adapter, - for one of its own>
# A row with the adapter of another one has a main line of its own and nothing else. A property, since functions that are called
# for the directory of another project see none of the variables of this one.
set_property(GLOBAL PROPERTY TASKLEAK_FRAMEWORKS
    "gtest   GTest   GTest::gtest     gtest.h    GoogleTest -"
    "gmock   GTest   GTest::gmock     gmock.h    GoogleMock gtest"
    "catch2  Catch2  Catch2::Catch2   catch.hpp  Catch2     -"
    "doctest doctest doctest::doctest doctest.h  doctest    -"
    "boost_test boost_unit_test_framework Boost::unit_test_framework boost/test/unit_test.hpp Boost.Test -")
get_property(TASKLEAK_FRAMEWORKS GLOBAL PROPERTY TASKLEAK_FRAMEWORKS)

# The formats of reports that a program may have, a row each; a further one is one more row, and its header taskleak/<name>.hpp:
#   <name>  <package of find_package()>  <its target>; - for a format that needs none
set_property(GLOBAL PROPERTY TASKLEAK_FORMATS
    "json   nlohmann_json nlohmann_json::nlohmann_json"
    "sarif  nlohmann_json nlohmann_json::nlohmann_json"
    "gitlab nlohmann_json nlohmann_json::nlohmann_json"
    "dot    -             -"
    "html   -             -"
    "trace  nlohmann_json nlohmann_json::nlohmann_json")

# Sets <result>_NAME, _PACKAGE and _TARGET to the row of the format <component>; <result>_NAME is empty where it is none.
function(taskleak_format_of component result)
  get_property(rows GLOBAL PROPERTY TASKLEAK_FORMATS)
  set(${result}_NAME "" PARENT_SCOPE)
  foreach(row IN LISTS rows)
    separate_arguments(fields UNIX_COMMAND "${row}")
    list(GET fields 0 name)
    if(name STREQUAL component)
      foreach(field IN ITEMS NAME PACKAGE TARGET)
        list(POP_FRONT fields value)
        set(${result}_${field} "${value}" PARENT_SCOPE)
      endforeach()
      return()
    endif()
  endforeach()
endfunction()

# Sets <result>_NAME, _PACKAGE, _TARGET, _HEADER, _TITLE and _ADAPTER to what a row of the table says.
function(taskleak_read_framework row result)
  separate_arguments(fields UNIX_COMMAND "${row}")
  set(names NAME PACKAGE TARGET HEADER TITLE ADAPTER)
  foreach(name field IN ZIP_LISTS names fields)
    set(${name} "${field}")
  endforeach()
  if(ADAPTER STREQUAL "-")
    set(ADAPTER ${NAME})
  endif()
  foreach(name IN LISTS names)
    set(${result}_${name} "${${name}}" PARENT_SCOPE)
  endforeach()
endfunction()

# Sets <result>_* to the row of the framework that taskleak::<component> is for; <result>_NAME is empty where it is for none.
function(taskleak_framework_of component result)
  set(names NAME PACKAGE TARGET HEADER TITLE ADAPTER)
  string(REGEX REPLACE "_main$" "" wanted "${component}")
  set(found_NAME "")
  get_property(rows GLOBAL PROPERTY TASKLEAK_FRAMEWORKS)
  foreach(row IN LISTS rows)
    taskleak_read_framework("${row}" found)
    if(found_NAME STREQUAL wanted)
      break()
    endif()
    set(found_NAME "")
  endforeach()
  foreach(name IN LISTS names)
    set(${result}_${name} "${found_${name}}" PARENT_SCOPE)
  endforeach()
endfunction()

include("${CMAKE_CURRENT_LIST_DIR}/taskleak-optional.cmake")

# In this order: the *_main components link to the ones before them.
set(TASKLEAK_COMPONENTS coroutines runtime)
foreach(taskleak_row IN LISTS TASKLEAK_FRAMEWORKS)
  taskleak_read_framework("${taskleak_row}" taskleak_framework)
  if(taskleak_framework_ADAPTER STREQUAL taskleak_framework_NAME)
    list(APPEND TASKLEAK_COMPONENTS ${taskleak_framework_NAME})
  endif()
  list(APPEND TASKLEAK_COMPONENTS ${taskleak_framework_NAME}_main)
endforeach()
get_property(taskleak_rows GLOBAL PROPERTY TASKLEAK_OPTIONAL)
foreach(taskleak_row IN LISTS taskleak_rows)
  string(REGEX REPLACE " .*" "" taskleak_row "${taskleak_row}")
  list(APPEND TASKLEAK_COMPONENTS ${taskleak_row})
endforeach()

get_property(taskleak_rows GLOBAL PROPERTY TASKLEAK_FORMATS)
foreach(taskleak_row IN LISTS taskleak_rows)
  string(REGEX MATCH "^[^ ]+" taskleak_row "${taskleak_row}")
  list(APPEND TASKLEAK_COMPONENTS ${taskleak_row})
endforeach()
unset(taskleak_rows)

# Finds the packages of the components that are named. Where the project around has brought the target of the adapter's framework,
# that package is taken to be there: a second GoogleTest would not fit to its own.
macro(taskleak_find_frameworks)
  foreach(taskleak_component IN ITEMS ${ARGN})
    taskleak_framework_of(${taskleak_component} taskleak_framework)
    if(taskleak_framework_NAME)
      taskleak_framework_of(${taskleak_framework_ADAPTER} taskleak_framework)
      if(NOT TARGET ${taskleak_framework_TARGET})
        find_package(${taskleak_framework_PACKAGE} CONFIG QUIET)
      endif()
    endif()
    taskleak_format_of(${taskleak_component} taskleak_format)
    if(taskleak_format_NAME AND NOT taskleak_format_TARGET STREQUAL "-" AND NOT TARGET ${taskleak_format_TARGET})
      find_package(${taskleak_format_PACKAGE} CONFIG QUIET)
    endif()
  endforeach()
endmacro()

option(TASKLEAK_FMT_HEADER_ONLY "Take fmt as headers instead of linking its library. Default: OFF" OFF)

option(TASKLEAK_COMPILE_ONCE "Compile the heavy part once a build, also for programs with a main() of their own. Default: ON" ON)
define_property(TARGET PROPERTY TASKLEAK_OWN_RUNTIME BRIEF_DOCS "Whether the program compiles the heavy part of taskleak itself"
                FULL_DOCS "For a program whose flags differ from those of the build in what changes the layout of types.")

# Compiles taskleak/<component>.hpp, once for all programs of the build, with what the targets behind it need.
function(taskleak_compile_main library type component main_directory)
  if(TARGET ${library})  # a package that is found in two directories makes its other targets twice, and this one once
    return()
  endif()
  add_library(${library} ${type} EXCLUDE_FROM_ALL "${main_directory}/main.cpp")
  target_compile_definitions(${library} PRIVATE "TASKLEAK_MAIN_HEADER=<taskleak/${component}.hpp>")
  target_link_libraries(${library} PRIVATE ${ARGN})
  # The tools of the project around look at the project's own files only.
  set_target_properties(${library} PROPERTIES POSITION_INDEPENDENT_CODE ON UNITY_BUILD OFF
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

# Gives the format format_NAME to the programs that link <target>: its header is compiled once a build. The header's own library is
# there for those who call the format's function, too.
function(taskleak_add_format target main_directory)
  set(needs taskleak::runtime)
  if(NOT format_TARGET STREQUAL "-")
    list(APPEND needs $<TARGET_NAME_IF_EXISTS:${format_TARGET}>)
  endif()
  set(objects taskleak_${format_NAME}_objects)
  taskleak_compile_main(${objects} OBJECT ${format_NAME} "${main_directory}" ${needs})
  target_link_libraries(${target} INTERFACE taskleak::taskleak)
  if(NOT format_TARGET STREQUAL "-")
    target_link_libraries(${target} INTERFACE $<TARGET_NAME_IF_EXISTS:${format_TARGET}>)
  endif()
  set(is_program "$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>")
  target_sources(${target} INTERFACE "$<${is_program}:$<TARGET_OBJECTS:${objects}>>")
endfunction()

# Makes taskleak::<component>; main_directory holds the source file of the *_main components. With IMPORTED, as a package does.
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
    taskleak_find_libdw(has_libdw)
    if(has_libdw)
      target_compile_definitions(${target} INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:TASKLEAK_USE_LIBDW=1>")
      target_link_libraries(${target} INTERFACE dw)
    endif()
  endif()
  taskleak_optional_of(${component} optional)
  if(optional_NAME)
    taskleak_use_optional(${target} ${component})
    taskleak_find_optional(${component} has_library)
    if(component STREQUAL "pprof" AND has_library)  # a format as those below
      set(is_format "$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>")
      taskleak_compile_main(taskleak_pprof_objects OBJECT pprof "${main_directory}" taskleak::runtime ${target})
      target_sources(${target} INTERFACE "$<${is_format}:$<TARGET_OBJECTS:taskleak_pprof_objects>>")
    endif()
  endif()
  taskleak_format_of(${component} format)
  if(format_NAME)
    taskleak_add_format(${target} "${main_directory}")
  endif()
  taskleak_framework_of(${component} of)
  if(component STREQUAL of_NAME)
    # where the framework is missing, the build of those who do not ask for it goes on
    target_link_libraries(${target} INTERFACE taskleak::runtime taskleak::coroutines $<TARGET_NAME_IF_EXISTS:${of_TARGET}>)
    if(TASKLEAK_COMPILE_ONCE)
      # An archive: a program that has the heavy part already, in a library of its own that holds its main(), takes nothing from it.
      taskleak_compile_main(taskleak_compiled_runtime STATIC runtime "${main_directory}" taskleak::runtime taskleak::coroutines)
      target_sources(taskleak_compiled_runtime PRIVATE "${main_directory}/wait_hooks.cpp")
      target_compile_definitions(taskleak_compiled_runtime PRIVATE TASKLEAK_COMPILED_APART=1)
      # Never beside a heavy part of the program's own: for a function of the standard library that both have, a linker may take the archive's.
      target_link_libraries(${target} INTERFACE "$<$<NOT:$<BOOL:$<TARGET_PROPERTY:TASKLEAK_OWN_RUNTIME>>>:taskleak_compiled_runtime>")
      set(leaves_it_out "$<AND:${is_program},$<NOT:$<BOOL:$<TARGET_PROPERTY:TASKLEAK_OWN_RUNTIME>>>>")
      target_compile_definitions(${target} INTERFACE "$<$<AND:$<COMPILE_LANGUAGE:CXX>,${leaves_it_out}>:TASKLEAK_RUNTIME_IS_LINKED=1>")
    endif()
  elseif(of_NAME)
    # What the heavy part is compiled with is needed by the main line only, which is compiled here.
    taskleak_framework_of(${of_ADAPTER} of_adapter)
    set(framework $<TARGET_NAME_IF_EXISTS:${of_TARGET}>)
    if(NOT of_ADAPTER STREQUAL of_NAME)
      list(APPEND framework $<TARGET_NAME_IF_EXISTS:${of_adapter_TARGET}>)
    endif()
    target_link_libraries(${target} INTERFACE taskleak::coroutines ${framework} $<LINK_ONLY:taskleak::${of_ADAPTER}>)
    set(objects taskleak_${component}_objects)
    # Where the framework is not there, nothing is compiled, and nothing may fail: not even what this would link to.
    set(needs taskleak::${of_ADAPTER} ${framework})
    list(TRANSFORM needs REPLACE "^[^$].*$" "$<$<TARGET_EXISTS:${of_adapter_TARGET}>:\\0>")
    taskleak_compile_main(${objects} OBJECT ${component} "${main_directory}" ${needs})
    # Only executables: a library of test helpers that links this must not bring a second main line.
    target_sources(${target} INTERFACE "$<${is_program}:$<TARGET_OBJECTS:${objects}>>")
    if(TASKLEAK_COMPILE_ONCE)
      target_compile_definitions(${objects} PRIVATE TASKLEAK_RUNTIME_IS_LINKED=1)
    endif()
    taskleak_include_first(${target} taskleak/detail/run/main_is_linked.hpp "${is_program}")
  endif()
endfunction()

# taskleak_dump_on_timeout(<test>...)
#
# Lets CTest send SIGTERM to these tests when their TIMEOUT is over, and kill them 10 s later: they describe all their threads
# before they end. Does nothing before CMake 3.27, which has no such property.
function(taskleak_dump_on_timeout)
  if(CMAKE_VERSION VERSION_GREATER_EQUAL 3.27)
    set_tests_properties(${ARGV} PROPERTIES TIMEOUT_SIGNAL_NAME SIGTERM TIMEOUT_SIGNAL_GRACE_PERIOD 10)
  endif()
endfunction()
