# SPDX-License-Identifier: MIT
# A build without a sanitizer. Included by run.cmake.
include("${CMAKE_CURRENT_LIST_DIR}/report.cmake")
build_parts()
compile(suite)
build_main_line(main_line)
link(suite suite.o ${main_line})
if(LIBBACKTRACE AND NOT "${LINK_FLAGS}" MATCHES "-s(;|$)")
  expect_leaky_and_clean(suite LINES)
else()
  expect_leaky_and_clean(suite)
endif()
