# SPDX-License-Identifier: MIT
# Components that need a library which most users of taskleak do without. The source tree and the installed package find them alike.

# A row each: <component> <package of find_package()> <its target> <module of pkg-config, or -> <a header it brings> <how people call it>
set_property(GLOBAL PROPERTY TASKLEAK_OPTIONAL
    "pprof protozero protozero::protozero - protozero/pbf_writer.hpp protozero"
    "debug_server httplib httplib::httplib cpp-httplib httplib.h cpp-httplib")

# Sets <result>_PACKAGE, _TARGET, _MODULE, _HEADER and _TITLE to the component's row, and <result>_NAME to the component; to nothing
# where the component needs no such library.
function(taskleak_optional_of component result)
  get_property(rows GLOBAL PROPERTY TASKLEAK_OPTIONAL)
  set(names NAME PACKAGE TARGET MODULE HEADER TITLE)
  set(found "")
  foreach(row IN LISTS rows)
    if(row MATCHES "^${component} ")
      separate_arguments(found UNIX_COMMAND "${row}")
    endif()
  endforeach()
  foreach(name IN LISTS names)
    list(POP_FRONT found field)
    set(${result}_${name} "${field}" PARENT_SCOPE)
  endforeach()
endfunction()

# Finds a package unless its target is there, which is then seen in all directories: users of taskleak may be anywhere.
function(taskleak_find_for_all package target)
  if(NOT TARGET ${target})
    find_package(${package} QUIET ${ARGN})
    if(TARGET ${target})
      set_property(TARGET ${target} PROPERTY IMPORTED_GLOBAL TRUE)
    endif()
  endif()
endfunction()

# Finds the library of an optional component: its package, else the module of pkg-config, else the header alone. Sets <result> to TRUE
# where it is there, <result>_LIBRARY to a target to link, if there is one, and <result>_DIRECTORY to where its headers are, if not.
function(taskleak_find_optional component result)
  taskleak_optional_of(${component} of)
  set(${result} FALSE PARENT_SCOPE)
  set(${result}_LIBRARY "" PARENT_SCOPE)
  set(${result}_DIRECTORY "" PARENT_SCOPE)
  taskleak_find_for_all(${of_PACKAGE} ${of_TARGET} CONFIG)
  if(TARGET ${of_TARGET})
    set(${result} TRUE PARENT_SCOPE)
    set(${result}_LIBRARY ${of_TARGET} PARENT_SCOPE)
    return()
  endif()
  if(NOT of_MODULE STREQUAL "-")
    find_package(PkgConfig QUIET)
    if(PkgConfig_FOUND)
      pkg_check_modules(taskleak_${component} QUIET IMPORTED_TARGET GLOBAL ${of_MODULE})
      if(TARGET PkgConfig::taskleak_${component})
        set(${result} TRUE PARENT_SCOPE)
        set(${result}_LIBRARY PkgConfig::taskleak_${component} PARENT_SCOPE)
        return()
      endif()
    endif()
  endif()
  find_path(TASKLEAK_${component}_DIRECTORY ${of_HEADER})
  mark_as_advanced(TASKLEAK_${component}_DIRECTORY)
  if(TASKLEAK_${component}_DIRECTORY)
    set(${result} TRUE PARENT_SCOPE)
    set(${result}_DIRECTORY "${TASKLEAK_${component}_DIRECTORY}" PARENT_SCOPE)
  endif()
endfunction()

# Gives the target of an optional component its library. Where that is missing the target is empty, and compiling the component's header
# says what it needs.
function(taskleak_use_optional target component)
  taskleak_find_optional(${component} has)
  target_link_libraries(${target} INTERFACE taskleak::taskleak ${has_LIBRARY})
  if(has_DIRECTORY)
    target_include_directories(${target} SYSTEM INTERFACE "${has_DIRECTORY}")
  endif()
  if(component STREQUAL "debug_server")
    target_link_libraries(${target} INTERFACE taskleak::pprof taskleak::runtime)
  elseif(component STREQUAL "pprof")
    taskleak_find_for_all(ZLIB ZLIB::ZLIB)
    if(TARGET ZLIB::ZLIB)
      target_link_libraries(${target} INTERFACE ZLIB::ZLIB)
      target_compile_definitions(${target} INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:TASKLEAK_USE_ZLIB=1>")
    endif()
  endif()
endfunction()
