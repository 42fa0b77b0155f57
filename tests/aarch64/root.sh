#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the folder that the tests of AArch64 are compiled against and run in: Debian's libraries and kernel of that CPU.
#   sh tests/aarch64/root.sh <folder>
# No program of that CPU is run for it: the packages are only unpacked. Ends with 2 where it cannot be made.
set -eu
root=$1
[ -e "$root/complete" ] && exit 0
if ! command -v mmdebstrap >/dev/null 2>&1; then
  echo "taskleak: mmdebstrap is missing (Debian: apt-get install mmdebstrap)" >&2
  exit 2
fi
rm -rf "$root"
mkdir -p "$(dirname "$root")"
packages=libc6-dev,libstdc++-12-dev,libfmt-dev,libgtest-dev,libgmock-dev,catch2,doctest-dev,libdw-dev,linux-image-arm64,busybox-static
mmdebstrap --quiet --variant=extract --arch=arm64 --include="$packages" bookworm "$root" || exit 2
for name in sh sleep cat true false rm ls touch mkdir grep env; do
  [ -e "$root/bin/$name" ] || ln -s busybox "$root/bin/$name"
done
mkdir -p "$root/proc" "$root/sys" "$root/dev" "$root/tmp"
: >"$root/complete"
