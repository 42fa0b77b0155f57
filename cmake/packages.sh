# SPDX-License-Identifier: MIT
# Sourced by demo.sh, test.sh and .ci/run: finds out what is missing on this machine and installs it where that is possible.

missing=

has_command() { command -v "$1" >/dev/null 2>&1; }

# A header counts as there when the compiler finds it or, before there is a compiler, when it lies in a usual place.
has_header() {
  [ -e "/usr/include/$1" ] || [ -e "/usr/local/include/$1" ] ||
    echo "#include <$1>" | ${CXX:-c++} -E -x c++ - >/dev/null 2>&1
}

need() { missing="$missing $1"; }

# `clang++-19` is in package clang-19, `g++` in g++.
need_compiler() {
  has_command "${CXX:-c++}" && return
  need "$(basename "${CXX:-g++}" | sed 's/^clang++/clang/')"
}

# What the examples and the tests of every day need.
need_basics() {
  need_compiler
  has_command cmake || need cmake
  has_command ninja || need ninja-build
  has_command pkg-config || need pkg-config
  has_header fmt/format.h || need libfmt-dev
  has_header boost/version.hpp || need libboost-dev
  has_header gtest/gtest.h || need libgtest-dev
  has_header catch2/catch.hpp || has_header catch2/catch_all.hpp || need catch2
}

# What the tests need beyond that: matchers, and the libraries whose threads are looked at.
need_test_libraries() {
  has_header gmock/gmock.h || need libgmock-dev
  has_header doctest/doctest.h || need doctest-dev
  has_header boost/test/unit_test.hpp || need libboost-test-dev
  has_header tbb/parallel_for.h || need libtbb-dev
  has_header asio.hpp || need libasio-dev
  has_header elfutils/libdwfl.h || need libdw-dev
  has_header protozero/pbf_writer.hpp || need libprotozero-dev
  has_header zlib.h || need zlib1g-dev
  has_header httplib.h || need libcpp-httplib-dev
  has_command curl || need curl
  has_header nlohmann/json.hpp || need nlohmann-json3-dev
  { has_command pkg-config && pkg-config --exists glib-2.0; } || need libglib2.0-dev
}

# The tools that read what a program says of itself: each test that wants one is left out where the tool is missing.
tools_of_readers="golang-go prometheus gdb python3"

# Sets as_root to what runs a command as root; fails when nothing does.
find_root() {
  if [ "$(id -u)" = 0 ]; then
    as_root=
  elif has_command sudo && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    as_root=sudo
  else
    return 1
  fi
}

apt_install() {
  # shellcheck disable=SC2086
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

apt_update() {
  echo "taskleak: apt-get update"
  $as_root apt-get update -qq || echo "taskleak: apt-get update failed; trying with the package lists that are there" >&2
}

# Installs what need() collected; ends the script with 2 and the list where that cannot be done.
install_missing() {
  if [ -n "$missing" ]; then
    if ! has_command apt-get || ! find_root; then
      echo "taskleak: these packages are missing (Debian and Ubuntu names):$missing" >&2
      echo "taskleak: install them, for instance with: sudo apt-get install$missing" >&2
      exit 2
    fi
    echo "taskleak: installing$missing"
    apt_update
    # shellcheck disable=SC2086
    apt_install $missing || {
      echo "taskleak: apt-get could not install:$missing" >&2
      exit 2
    }
  fi
  found=$(cmake --version | sed -n '1s/^cmake version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
  # shellcheck disable=SC2086
  set -- $found
  if [ "$1" -lt 3 ] || { [ "$1" -eq 3 ] && [ "$2" -lt 25 ]; }; then
    echo "taskleak: the presets need CMake 3.25 or newer, this is $1.$2" >&2
    exit 2
  fi
}

# Installs those of the packages that this machine's lists have and that are not there yet; what fails is said and left out.
install_optional() {
  if ! has_command apt-get || ! find_root; then
    echo "taskleak: not installing, for want of apt-get or root: $*"
    return 0
  fi
  [ -n "$missing" ] || [ -n "$(ls /var/lib/apt/lists 2>/dev/null | grep Packages)" ] || apt_update
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' && continue
    if ! apt-cache show "$package" >/dev/null 2>&1; then
      echo "taskleak: optional package $package is not in this machine's lists"
    elif ! apt_install "$package"; then
      echo "taskleak: optional package $package could not be installed"
    fi
  done
}

job_count() { nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2; }
