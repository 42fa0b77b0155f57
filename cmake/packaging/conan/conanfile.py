# SPDX-License-Identifier: MIT
"""Recipe for Conan 2 that takes the tree it lies in: conan create cmake/packaging/conan"""
import os

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeToolchain
from conan.tools.files import copy, load


class TaskleakConan(ConanFile):
    name = "taskleak"
    license = "MIT"
    description = "Finds the threads and coroutines a test leaves behind"
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"

    @property
    def _tree(self):
        return os.path.abspath(os.path.join(self.recipe_folder, "..", "..", ".."))

    def set_version(self):
        text = load(self, os.path.join(self._tree, "include", "taskleak", "version.hpp"))
        numbers = [line.split()[-1] for line in text.splitlines() if line.startswith("#define TASKLEAK_VERSION_")]
        self.version = ".".join(number for number in numbers if number.isdigit())

    def export_sources(self):
        for pattern in ("CMakeLists.txt", "LICENSE", "include/*", "cmake/*", "examples/tools/*"):
            copy(self, pattern, self._tree, self.export_sources_folder)

    def requirements(self):
        self.requires("fmt/[>=9 <12]", transitive_headers=True)

    def validate(self):
        check_min_cppstd(self, 20)

    def package_id(self):
        self.info.clear()

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["TASKLEAK_BUILD_TESTS"] = False
        toolchain.cache_variables["TASKLEAK_BUILD_EXAMPLES"] = False
        toolchain.generate()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        cmake = CMake(self)
        cmake.configure()
        cmake.install()

    def package_info(self):
        # taskleak's own package has the targets: it finds the test frameworks, and compiles the heavy part once a build
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = [os.path.join("share", "cmake", "taskleak")]
        self.cpp_info.bindirs = []
        self.cpp_info.libdirs = []
