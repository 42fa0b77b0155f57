# SPDX-License-Identifier: MIT
# What a compiler sees of taskleak_all.hpp, for each header that is in it, is what it sees of the tree:
#   cmake -D ROOT=<tree> -D SINGLE=<taskleak_all.hpp> -D CXX=<compiler> -D WORK=<folder> -P same_text.cmake
# Both are preprocessed, so that neither a header left out nor one too many passes.
cmake_minimum_required(VERSION 3.23)
file(MAKE_DIRECTORY "${WORK}")
cmake_path(GET SINGLE PARENT_PATH folder)

# preprocessed(<result> <line>...): the tokens that such a file is compiled from, without those of other libraries' own.
function(preprocessed result)
  list(JOIN ARGN "\n" text)
  file(WRITE "${WORK}/${result}.cpp" "${text}\n")
  execute_process(COMMAND "${CXX}" -std=c++20 "-I${folder}" "-I${ROOT}/include" -E -P "${WORK}/${result}.cpp"
                  RESULT_VARIABLE rc OUTPUT_FILE "${WORK}/${result}.ii" ERROR_VARIABLE error)
  set(${result}_rc ${rc} PARENT_SCOPE)
  set(${result}_error "${error}" PARENT_SCOPE)
endfunction()

set(complaints "")
set(compared 0)
file(GLOB headers RELATIVE "${ROOT}/include" "${ROOT}/include/taskleak/*.hpp")
file(STRINGS "${ROOT}/include/taskleak/taskleak.hpp" light REGEX "^#include <taskleak/")
list(TRANSFORM light REPLACE "^#include <(.*)>$" "\\1")
list(REMOVE_ITEM headers ${light})
foreach(header IN LISTS headers)
  string(REGEX REPLACE "^taskleak/(.*)\\.hpp$" "\\1" name "${header}")
  string(TOUPPER "TASKLEAK_WITH_${name}" macro)
  if(header STREQUAL "taskleak/track_coroutines.hpp")  # it comes first
    preprocessed(tree "#include <${header}>" "#include <taskleak/taskleak.hpp>")
  else()
    preprocessed(tree "#include <taskleak/taskleak.hpp>" "#include <${header}>")
  endif()
  if(NOT tree_rc EQUAL 0)
    message(STATUS "${header}: its library is not here")
    continue()
  endif()
  preprocessed(single "#define ${macro}" "#include \"taskleak_all.hpp\"")
  if(NOT single_rc EQUAL 0)
    string(APPEND complaints "\n  ${macro}: ${single_error}")
    continue()
  endif()
  # the order of two headers may differ, and with it that of the standard library's own: the lines are compared, sorted
  execute_process(COMMAND sh -c "sed 's/  */ /g; s/^ //; /^$/d' \"$1\" | sort" sh "${WORK}/tree.ii" OUTPUT_FILE "${WORK}/tree.txt")
  execute_process(COMMAND sh -c "sed 's/  */ /g; s/^ //; /^$/d' \"$1\" | sort" sh "${WORK}/single.ii" OUTPUT_FILE "${WORK}/single.txt")
  execute_process(COMMAND diff "${WORK}/tree.txt" "${WORK}/single.txt" RESULT_VARIABLE differ OUTPUT_VARIABLE difference)
  math(EXPR compared "${compared} + 1")
  if(NOT differ EQUAL 0)
    string(SUBSTRING "${difference}" 0 400 difference)
    string(APPEND complaints "\n  ${header} and ${macro} differ:\n${difference}")
  endif()
endforeach()
if(complaints OR compared LESS 5)
  message(FATAL_ERROR "${compared} compared:${complaints}")
endif()
