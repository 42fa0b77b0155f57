# SPDX-License-Identifier: MIT
# For people who work on taskleak: the warnings our own programs are built with, and the check that every header compiles alone.
option(TASKLEAK_WERROR "Warnings of our own tests and headers are errors. Default: OFF" OFF)

add_library(taskleak_dev INTERFACE)
target_compile_options(taskleak_dev INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor
                                              $<$<BOOL:${TASKLEAK_WERROR}>:-Werror>)

# Built by name: cmake --build build/debug --target all_verify_interface_header_sets
# A target of its own, since the headers of adapters need their test framework to compile and taskleak::taskleak needs nothing.
if(taskleak_header_files)
  # Those of the portable back end do not compile where another one is in use: its tests compile them.
  list(FILTER taskleak_header_files EXCLUDE REGEX "/portable/")
  # what reads another CPU's registers compiles for that CPU alone
  foreach(cpu IN ITEMS x86_64 aarch64)
    if(NOT CMAKE_SYSTEM_PROCESSOR STREQUAL cpu)
      list(FILTER taskleak_header_files EXCLUDE REGEX "/arch/${cpu}/")
    endif()
  endforeach()
  # Those of libraries that are not here cannot be compiled.
  taskleak_libdw_links(has_libdw)
  if(NOT has_libdw)
    list(FILTER taskleak_header_files EXCLUDE REGEX "/libdw_walker\\.hpp$")
  endif()
  if(NOT TARGET Boost::headers)
    list(FILTER taskleak_header_files EXCLUDE REGEX "/boost_stacktrace\\.hpp$")
  endif()
  add_library(taskleak_headers INTERFACE)
  get_property(rows GLOBAL PROPERTY TASKLEAK_OPTIONAL)
  foreach(row IN LISTS rows)
    string(REGEX REPLACE " .*" "" component "${row}")
    taskleak_find_optional(${component} has_library)
    if(has_library)
      target_link_libraries(taskleak_headers INTERFACE taskleak_${component})
    else()
      list(FILTER taskleak_header_files EXCLUDE REGEX "/${component}(/|\\.hpp$)")
      list(FILTER taskleak_header_files EXCLUDE REGEX "/(debug_[a-z]+|short_threads)\\.hpp$")  # they have both
    endif()
  endforeach()
  foreach(row IN LISTS TASKLEAK_FRAMEWORKS)
    taskleak_read_framework("${row}" framework)
    if(TARGET ${framework_TARGET})
      target_link_libraries(taskleak_headers INTERFACE ${framework_TARGET})
    else() # its headers cannot compile
      list(FILTER taskleak_header_files EXCLUDE REGEX "/taskleak/(detail/adapter/)?${framework_NAME}[._]")
    endif()
  endforeach()
  target_link_libraries(taskleak_headers INTERFACE taskleak_runtime taskleak_coroutines taskleak_dev)
  target_sources(taskleak_headers INTERFACE FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/include" FILES ${taskleak_header_files})
  set_target_properties(taskleak_headers PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
endif()
