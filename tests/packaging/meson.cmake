# SPDX-License-Identifier: MIT
# Builds a Meson project that takes the tree by its wrap, as from an address, and without a network:
#   cmake -D ROOT=<tree> -D HERE=<tests/packaging> -D WORK=<folder> -D MESON=<program> -D CXX=<compiler> -P meson.cmake
cmake_minimum_required(VERSION 3.23)

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE rc OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT rc STREQUAL "0")
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "exit ${rc}: ${command}\n${out}")
  endif()
endfunction()

file(REMOVE_RECURSE "${WORK}")
file(COPY "${HERE}/meson/" DESTINATION "${WORK}/project")
file(COPY "${ROOT}/tests/consumer/program/feed_test.cpp" "${ROOT}/tests/consumer/program/feed_cases.cpp" DESTINATION "${WORK}/project")
file(COPY "${ROOT}/cmake/packaging/meson/packagefiles" DESTINATION "${WORK}/project/subprojects")

# What a user fetches, and nothing that is in this folder by chance: a repository of the files that the build needs.
file(COPY "${ROOT}/include" DESTINATION "${WORK}/origin")
file(COPY "${ROOT}/cmake/main" DESTINATION "${WORK}/origin/cmake")
set(git git -C "${WORK}/origin" -c user.name=test -c user.email=test@example.org)
run(${git} init --quiet --initial-branch=main)
run(${git} add --all)
run(${git} commit --quiet --message tree)
file(READ "${ROOT}/cmake/packaging/meson/taskleak.wrap" wrap)
string(REGEX REPLACE "\nurl = [^\n]*" "\nurl = ${WORK}/origin" wrap "${wrap}")
string(REGEX REPLACE "\ndepth = [^\n]*" "" wrap "${wrap}")  # git warns of it for a folder
file(WRITE "${WORK}/project/subprojects/taskleak.wrap" "${wrap}")

set(ENV{CXX} "${CXX}")
run("${MESON}" setup "${WORK}/build" "${WORK}/project")
run("${MESON}" compile -C "${WORK}/build" feed_test feed_cases)
