# SPDX-License-Identifier: MIT
# Headers, the CMake package and the pkg-config files.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_directory "${CMAKE_INSTALL_DATADIR}/cmake/taskleak")
set(data_directory "${CMAKE_INSTALL_DATADIR}/taskleak")
set(pkgconfig_directory "${CMAKE_INSTALL_DATADIR}/pkgconfig")

install(TARGETS taskleak EXPORT taskleak-targets FILE_SET HEADERS)
install(EXPORT taskleak-targets NAMESPACE taskleak:: DESTINATION "${package_directory}")

configure_package_config_file(
  cmake/taskleak-config.cmake.in "${PROJECT_BINARY_DIR}/package/taskleak-config.cmake"
  INSTALL_DESTINATION "${package_directory}" PATH_VARS data_directory)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/package/taskleak-config-version.cmake"
                                 COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES "${PROJECT_BINARY_DIR}/package/taskleak-config.cmake" "${PROJECT_BINARY_DIR}/package/taskleak-config-version.cmake"
              cmake/taskleak-backtrace.cmake cmake/taskleak-libdw.cmake cmake/taskleak-components.cmake cmake/taskleak-optional.cmake
        DESTINATION "${package_directory}")
install(FILES cmake/main/main.cpp cmake/main/shared.list cmake/main/wait_hooks.cpp DESTINATION "${data_directory}")
install(PROGRAMS examples/tools/taskleak.py DESTINATION "${data_directory}")

file(RELATIVE_PATH prefix_from_pkgconfig "/prefix/${pkgconfig_directory}" "/prefix")
set(pkgconfig_definitions "")
set(pkgconfig_libraries "")
taskleak_find_backtrace(has_backtrace)
if(has_backtrace)
  set(pkgconfig_definitions " -DTASKLEAK_USE_LIBBACKTRACE=1")
  set(pkgconfig_libraries " -lbacktrace")
endif()
taskleak_find_libdw(has_libdw)
if(has_libdw)
  string(APPEND pkgconfig_definitions " -DTASKLEAK_USE_LIBDW=1")
  string(APPEND pkgconfig_libraries " -ldw")
endif()
foreach(module IN ITEMS taskleak taskleak-coroutines)
  configure_file(cmake/${module}.pc.in "${PROJECT_BINARY_DIR}/package/${module}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/package/${module}.pc" DESTINATION "${pkgconfig_directory}")
endforeach()
