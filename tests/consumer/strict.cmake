# SPDX-License-Identifier: MIT
# What a project may ask of all its files, and of what it adds: none of it is about taskleak's headers.
add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
                    "$<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast;-Wextra-semi;-Wnon-virtual-dtor>")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:-Wuseless-cast>" -Wduplicated-cond -Wlogical-op)
endif()
