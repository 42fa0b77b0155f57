# SPDX-License-Identifier: MIT
"""Looks at the recipes of package managers that are not here as far as that goes without them:
python3 check_recipes.py <tree> <folder to work in> <cmake>

vcpkg's manifest by the rules of its reference, Conan's recipe by calling it with a stand-in for Conan, which copies as Conan does; what
it has exported is configured and installed by CMake. The versions of all are the library's.
"""
import fnmatch
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import types

tree, work, cmake = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
packaging = tree / "cmake" / "packaging"
complaints = []


def expect(holds, what):
    if not holds:
        complaints.append(what)


numbers = re.findall(r"#define TASKLEAK_VERSION_\w+ (\d+)", (tree / "include/taskleak/version.hpp").read_text())
version = ".".join(numbers)
for file, pattern in [("meson/packagefiles/taskleak/meson.build", r"version: '([^']*)', license"),
                      ("bazel/MODULE.bazel", r'name = "taskleak", version = "([^"]*)"'),
                      ("vcpkg/vcpkg.json", r'"version": "([^"]*)"')]:
    found = re.search(pattern, (packaging / file).read_text())
    expect(found and found[1] == version, f"{file}: its version is not {version}")

# ---- vcpkg
manifest = json.loads((packaging / "vcpkg/vcpkg.json").read_text())
known = {"name", "version", "port-version", "description", "homepage", "license", "supports", "dependencies", "features", "default-features"}
name_of_port = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
expect(set(manifest) <= known, f"vcpkg.json: unknown {set(manifest) - known}")
for feature, described in [("", manifest), *manifest["features"].items()]:
    expect(feature == "" or (name_of_port.match(feature) and set(described) <= {"description", "dependencies", "supports"}),
           f"vcpkg.json: feature {feature}")
    for dependency in described["dependencies"]:
        entry = {"name": dependency} if isinstance(dependency, str) else dependency
        expect(name_of_port.match(entry["name"]) and set(entry) <= {"name", "host", "features", "version>=", "platform", "default-features"},
               f"vcpkg.json: dependency {dependency}")
portfile = (packaging / "vcpkg/portfile.cmake").read_text()
for option in re.findall(r"-D(TASKLEAK_\w+)=", portfile):
    expect(f"option({option} " in (tree / "CMakeLists.txt").read_text(), f"portfile.cmake: CMakeLists.txt has no option {option}")
expect((packaging / "vcpkg" / "../../.." / "LICENSE").exists(), "portfile.cmake: three folders up is not the tree")

# ---- Conan


def copy(recipe, pattern, src, dst):
    for path in pathlib.Path(src).rglob("*"):
        name = path.relative_to(src).as_posix()
        if name.startswith("build/") or not path.is_file() or not fnmatch.fnmatch(name, pattern):
            continue
        (pathlib.Path(dst) / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, pathlib.Path(dst) / name)


class CMakeOfConan:
    def __init__(self, recipe):
        self.recipe = recipe

    def configure(self):
        values = [f"-D{name}={'ON' if value else 'OFF'}" for name, value in self.recipe.toolchain.items()]
        subprocess.run([cmake, "-S", self.recipe.source_folder, "-B", str(work / "build"), *values], check=True, stdout=subprocess.DEVNULL)

    def install(self):
        subprocess.run([cmake, "--install", str(work / "build"), "--prefix", self.recipe.package_folder], check=True, stdout=subprocess.DEVNULL)


class Toolchain:
    def __init__(self, recipe):
        self.cache_variables = recipe.toolchain = {}

    def generate(self):
        pass


stand_ins = {"conan": {"ConanFile": object}, "conan.tools": {}, "conan.tools.build": {"check_min_cppstd": lambda recipe, least: None},
             "conan.tools.cmake": {"CMake": CMakeOfConan, "CMakeToolchain": Toolchain},
             "conan.tools.files": {"copy": copy, "load": lambda recipe, path: pathlib.Path(path).read_text()}}
for name, members in stand_ins.items():
    sys.modules[name] = types.ModuleType(name)
    vars(sys.modules[name]).update(members)
scope = {}
exec(compile((packaging / "conan/conanfile.py").read_text(), "conanfile.py", "exec"), scope)

shutil.rmtree(work, ignore_errors=True)
recipe = scope["TaskleakConan"]()
recipe.recipe_folder = str(packaging / "conan")
recipe.export_sources_folder = recipe.source_folder = str(work / "export")
recipe.package_folder = str(work / "package")
recipe.requires = lambda reference, **traits: expect(re.match(r"fmt/\[", reference), f"conanfile.py: requires {reference}")
recipe.cpp_info = types.SimpleNamespace(set_property=lambda name, value: None)
recipe.set_version()
expect(recipe.version == version, f"conanfile.py: its version is {recipe.version}, not {version}")
recipe.export_sources()
recipe.requirements()
recipe.validate()
recipe.generate()
recipe.package()
recipe.package_info()
for folder in recipe.cpp_info.builddirs:
    expect((work / "package" / folder / "taskleak-config.cmake").exists(), f"conanfile.py: no package in {folder}")
in_tree = {path.relative_to(tree).as_posix() for path in (tree / "include").rglob("*.hpp")}
in_package = {path.relative_to(work / "package").as_posix() for path in (work / "package/include").rglob("*.hpp")}
expect(in_tree == in_package, f"conanfile.py: headers differ: {sorted(in_tree ^ in_package)[:5]}")
expect("share/cmake/taskleak" in portfile and (work / "package/share/cmake/taskleak").is_dir(), "portfile.cmake: CONFIG_PATH is not where it is installed")

if complaints:
    sys.exit("\n".join(["wrong in the recipes:", *complaints]))
print(f"checked {version}")
