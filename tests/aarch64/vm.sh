#!/bin/sh
# SPDX-License-Identifier: MIT
# Starts and stops a machine with an AArch64 CPU and a kernel of its own. It sees the tree at the same path as this machine does.
#   sh tests/aarch64/vm.sh start [<cpu>]       cortex-a57 unless said otherwise; max,pauth-impdef=on signs return addresses
#   sh tests/aarch64/vm.sh stop
# Why not qemu-user, which is there as a package, too: what /proc says of a thread is then the host's, see docs/limitations.md.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)
root=$source/build/aarch64-root
vm=${TASKLEAK_VM:-$source/build/aarch64-vm}
queue=$vm/queue

start() {
  if ! command -v qemu-system-aarch64 >/dev/null 2>&1 || ! command -v cpio >/dev/null 2>&1; then
    echo "taskleak: qemu-system-aarch64 or cpio is missing (Debian: apt-get install qemu-system-arm cpio)" >&2
    exit 2
  fi
  rm -rf "$vm"
  mkdir -p "$queue" "$vm/first/bin" "$vm/first/modules" "$root$source" "$root$queue"
  cp "$root/bin/busybox" "$vm/first/bin/"
  cp "$here/init" "$vm/first/init"
  chmod +x "$vm/first/init"
  printf "source='%s'\nqueue='%s'\n" "$source" "$queue" >"$vm/first/places"
  for module in virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci netfs fscache 9pnet 9pnet_virtio 9p; do
    file=$(find "$root/lib/modules" -name "$module.ko" | head -n 1)
    [ -n "$file" ] || continue
    cp "$file" "$vm/first/modules/"
    echo "$module.ko" >>"$vm/first/modules/order"
  done
  (cd "$vm/first" && find . | cpio --quiet -o -H newc) >"$vm/first.cpio"
  share=security_model=none,multidevs=remap
  setsid qemu-system-aarch64 -M virt -cpu "${1:-cortex-a57}" -smp 2 -m 2048 -accel tcg,thread=multi \
    -kernel "$(echo "$root"/boot/vmlinuz-*)" -initrd "$vm/first.cpio" \
    -append "console=ttyAMA0 quiet panic=-1 rdinit=/init" -nographic -no-reboot -net none \
    -virtfs "local,path=$root,mount_tag=root,$share" -virtfs "local,path=$source,mount_tag=source,$share" \
    -virtfs "local,path=$queue,mount_tag=queue,$share" -pidfile "$vm/pid" </dev/null >"$vm/console" 2>&1 &
  tries=0
  while [ ! -e "$queue/is_up" ]; do
    tries=$((tries + 1))
    if [ $tries -gt 1800 ] || { [ -e "$vm/pid" ] && ! kill -0 "$(cat "$vm/pid")" 2>/dev/null; }; then
      echo "taskleak: the machine does not start; its console:" >&2
      cat "$vm/console" >&2
      stop
      exit 2
    fi
    sleep 0.1
  done
}

stop() {
  [ -e "$vm/pid" ] || return 0
  pid=$(cat "$vm/pid")
  touch "$queue/stop"
  tries=0
  while kill -0 "$pid" 2>/dev/null && [ $tries -lt 100 ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
  kill "$pid" 2>/dev/null || true
  rm -f "$vm/pid" "$queue/is_up"
}

case ${1:-} in
  start) shift; stop; start "$@" ;;
  stop) stop ;;
  *) echo "taskleak: vm.sh start [<cpu>] or vm.sh stop" >&2; exit 2 ;;
esac
