# SPDX-License-Identifier: MIT
# Builds a scratch project as a user would:
#   cmake -D STEP=install|configure|pkg_config -D ROOT=... -D WORK=... -D CXX=... -D CXXFLAGS=... -D GENERATOR=... [...] -P run.cmake
cmake_minimum_required(VERSION 3.23)

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE rc OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT rc STREQUAL "0")
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "exit ${rc}: ${command}\n${out}")
  endif()
  set(output "${out}" PARENT_SCOPE)
endfunction()

set(common -G "${GENERATOR}" "-DCMAKE_CXX_COMPILER=${CXX}" "-DCMAKE_CXX_FLAGS=${CXXFLAGS}" -DCMAKE_BUILD_TYPE=Debug)
file(REMOVE_RECURSE "${WORK}")

if(STEP STREQUAL "install")
  run("${CMAKE_COMMAND}" -S "${ROOT}" -B "${WORK}/build" ${common} -DTASKLEAK_BUILD_TESTS=OFF -DTASKLEAK_BUILD_EXAMPLES=OFF)
  run("${CMAKE_COMMAND}" --install "${WORK}/build" --prefix "${WORK}/prefix")

  # What is installed is what is in the tree.
  file(GLOB_RECURSE in_tree RELATIVE "${ROOT}/include" "${ROOT}/include/*")
  file(GLOB_RECURSE installed RELATIVE "${WORK}/prefix/include" "${WORK}/prefix/include/*")
  if(NOT in_tree OR NOT in_tree STREQUAL installed)
    message(FATAL_ERROR "the headers installed are not those of the tree:\n${installed}\n${in_tree}")
  endif()

  # Usable from where it was not installed to: nothing in it names the build or the prefix.
  file(RENAME "${WORK}/prefix" "${WORK}/moved")
  file(GLOB_RECURSE texts "${WORK}/moved/share/*")
  foreach(text IN LISTS texts)
    file(READ "${text}" content)
    string(FIND "${content}" "${WORK}" in_content)
    if(NOT in_content EQUAL -1)
      message(FATAL_ERROR "${text} names the folder it was built in")
    endif()
  endforeach()
elseif(STEP STREQUAL "configure")
  run("${CMAKE_COMMAND}" -S "${PROJECT}" -B "${WORK}" ${common} ${SETTINGS})
  run("${CMAKE_COMMAND}" --build "${WORK}")
elseif(STEP STREQUAL "pkg_config")
  file(MAKE_DIRECTORY "${WORK}")
  set(ENV{PKG_CONFIG_PATH} "${PREFIX}/share/pkgconfig")
  run("${PKG_CONFIG}" --cflags --libs taskleak gtest)
  separate_arguments(flags UNIX_COMMAND "${output}")
  separate_arguments(own_flags UNIX_COMMAND "${CXXFLAGS}")
  run("${CXX}" -std=c++20 ${own_flags} "${PROGRAM}/main_line.cpp" "${PROGRAM}/feed_test.cpp" -o "${WORK}/feed_test" ${flags})
else()
  message(FATAL_ERROR "STEP is install, configure or pkg_config, not '${STEP}'")
endif()
