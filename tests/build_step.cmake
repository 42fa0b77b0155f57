# SPDX-License-Identifier: MIT
# For scripts that build a program by themselves, in the folder ${FOLDER}.

# Runs the command, which has to succeed.
function(build)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${FOLDER}" RESULT_VARIABLE rc OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT rc EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nended with '${rc}':\n${out}")
  endif()
endfunction()
