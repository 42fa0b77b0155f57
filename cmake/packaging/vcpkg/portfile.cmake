# SPDX-License-Identifier: MIT
# An overlay port that takes the tree it lies in: vcpkg install taskleak --overlay-ports=<tree>/cmake/packaging/vcpkg
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

vcpkg_cmake_configure(
  SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS -DTASKLEAK_BUILD_TESTS=OFF -DTASKLEAK_BUILD_EXAMPLES=OFF -DTASKLEAK_INSTALL=ON)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/taskleak)
# headers and sources only: the two builds have installed the same
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug" "${CURRENT_PACKAGES_DIR}/lib")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
