#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Shows the threads and coroutines of a program that has taskleak's main line, from outside: no code of the program runs.

    taskleak.py ps PID       a process, through /proc/PID/mem
    taskleak.py core FILE    a core file; --program says which program wrote it, where that is not where it was

In gdb, with a process or a core: `source taskleak.py`, then `info tasks`, `task apply all bt`, and `bt` with await chains.

The program says by its symbol `taskleak_layout` where its tasks are on record, and how a record is laid out; see
taskleak/detail/run/layout_for_debuggers.hpp.
"""

import argparse
import bisect
import os
import re
import shutil
import struct
import subprocess
import sys
import time

try:
    import gdb
except ImportError:
    gdb = None


class CannotRead(Exception):
    """Says in one line why a program cannot be looked at."""


# ---- what is on record, read through memory.read(address, size)

FIELDS = """
shard_count shard_size shard_newest thread_older thread_scope thread_tid thread_events thread_name thread_created_at thread_region
thread_creator thread_created_by_main thread_creation_depth thread_creation_stack note_region region_label region_object scope_parent
scope_name table_next table_newest block_older block_slots block_capacity block_scope block_creator block_created_by_main data_place
data_awaited data_awaiter data_creation data_since data_id_low data_id_high data_state data_words_from_frame await_size
""".split()

KNOWN_VERSION = 1
FINISHED = 1  # thread_event::finished
SLOT_IS_FREE, SLOT_IS_SETTLED = 1, 2
COROUTINE_STATES = ["created", "running", "suspended", "finished never destroyed"]
MOST_TASKS = 10_000_000  # more are a sign of a list that is broken


class Thread:
    kind = "thread"

    def __init__(self):
        self.tid = 0
        self.name = ""
        self.label = ""
        self.finished = False
        self.created_at_ns = 0
        self.creator = ""
        self.scope = ""
        self.creation_stack = []
        self.is_main = False
        self.state = ""


class Coroutine:
    kind = "coroutine"

    def __init__(self):
        self.id = 0
        self.frame = 0
        self.state = ""
        self.resume = 0
        self.destroy = 0
        self.file = ""
        self.line = 0
        self.since_ms = 0
        self.creator = ""
        self.scope = ""
        self.creation = []
        self.awaits = None  # the coroutine that this one awaits
        self.awaited_by = None


class Registry:
    """Reads the lists of tasks of one program."""

    def __init__(self, memory, layout_address):
        self.memory = memory
        head = memory.read(layout_address, 48)
        magic, version, size = struct.unpack_from("<8sII", head)
        if magic != b"taskleak":
            raise CannotRead("taskleak_layout does not begin as it should: the program is another one, or has not begun")
        if version != KNOWN_VERSION:
            raise CannotRead(f"the program's taskleak has its records in layout {version}; this file reads {KNOWN_VERSION}")
        self.registry, self.coroutine_tables, self.note_of_main, self.own_scope = struct.unpack_from("<4Q", head, 16)
        numbers = memory.read(layout_address + 48, size - 48)
        for index, name in enumerate(FIELDS):
            setattr(self, name, struct.unpack_from("<I", numbers, 4 * index)[0])

    # -- memory

    def number(self, address, size):
        return int.from_bytes(self.memory.read(address, size), "little")

    def pointer(self, address):
        return self.number(address, 8)

    def text(self, address, longest=4096):
        taken = b""
        while address and len(taken) < longest:
            # up to the next page: what is behind may not be there
            part = self.try_read(address + len(taken), min(64, 4096 - (address + len(taken)) % 4096))
            if not part:
                break
            end = part.find(b"\0")
            if end >= 0:
                return (taken + part[:end]).decode("utf-8", "backslashreplace")
            taken += part
        return taken.decode("utf-8", "backslashreplace")

    def try_read(self, address, size):
        try:
            return self.memory.read(address, size)
        except CannotRead:
            return b""

    # -- tasks

    def name_of_scope(self, scope):
        for _ in range(64):
            if not scope:
                return ""
            name = self.pointer(scope + self.scope_name)
            if name:
                return self.text(name)
            scope = self.pointer(scope + self.scope_parent)
        return ""

    def creator(self, tid, is_main):
        return "main thread" if is_main else f"thread {tid}" if tid else "unknown"

    def threads(self, pid):
        """Returns the main thread, then those that were announced, the oldest first."""
        main = Thread()
        main.tid, main.name, main.is_main = pid, "main thread", True
        main.label = self.label(self.note_of_main + self.note_region)
        found = []
        for index in range(self.shard_count):
            node = self.pointer(self.registry + index * self.shard_size + self.shard_newest)
            while node:
                if len(found) > MOST_TASKS:
                    raise CannotRead("the list of threads has no end: it was being changed, try again")
                scope = self.pointer(node + self.thread_scope)
                if scope != self.own_scope:
                    found.append(self.thread(node, scope))
                node = self.pointer(node + self.thread_older)
        found.sort(key=lambda thread: thread.created_at_ns)
        return [main] + found

    def thread(self, node, scope):
        thread = Thread()
        thread.tid = self.number(node + self.thread_tid, 4)
        thread.name = self.memory.read(node + self.thread_name, 16).split(b"\0")[0].decode("utf-8", "backslashreplace")
        thread.finished = bool(self.number(node + self.thread_events, 4) & FINISHED)
        thread.created_at_ns = self.number(node + self.thread_created_at, 8)
        thread.label = self.label(node + self.thread_region)
        thread.creator = self.creator(self.number(node + self.thread_creator, 4), self.number(node + self.thread_created_by_main, 1))
        thread.scope = self.name_of_scope(scope)
        depth = self.number(node + self.thread_creation_depth, 1)
        stack = self.memory.read(node + self.thread_creation_stack, 8 * depth) if depth else b""
        thread.creation_stack = list(struct.unpack(f"<{depth}Q", stack))
        return thread

    def label(self, at):
        region = self.pointer(at)
        label = self.try_read(region + self.region_label, 8) if region else b""
        return self.text(int.from_bytes(label, "little"), 64) if label else ""

    def coroutines(self):
        """Returns the tracked coroutines, the oldest first, each with whom it awaits and who awaits it."""
        found = []
        table = self.pointer(self.coroutine_tables)
        while table:
            block = self.pointer(table + self.table_newest)
            while block:
                if len(found) > MOST_TASKS:
                    raise CannotRead("the list of coroutines has no end: it was being changed, try again")
                slots = self.memory.read(block + self.block_slots, 8 * self.block_capacity)
                for (slot,) in struct.iter_unpack("<Q", slots):
                    if slot and not slot & SLOT_IS_FREE:
                        coroutine = self.coroutine(block, slot & ~SLOT_IS_SETTLED)
                        if coroutine:
                            found.append(coroutine)
                block = self.pointer(block + self.block_older)
            table = self.pointer(table + self.table_next)
        found.sort(key=lambda coroutine: coroutine.id)
        self.link(found)
        return found

    def coroutine(self, block, data):
        scope = self.pointer(block + self.block_scope)
        if scope == self.own_scope or not self.try_read(data, 56):
            return None  # it has been destroyed meanwhile
        one = Coroutine()
        one.data = data
        one.id = self.number(data + self.data_id_high, 1) << 32 | self.number(data + self.data_id_low, 4)
        one.frame = data - 8 * self.number(data + self.data_words_from_frame, 2)
        one.resume, one.destroy = struct.unpack("<2Q", self.memory.read(one.frame, 16))
        state = self.number(data + self.data_state, 1)
        one.state = COROUTINE_STATES[state] if state < len(COROUTINE_STATES) else "unknown"
        if one.resume == 0 and one.destroy and one.state != "suspended":
            one.state = COROUTINE_STATES[3]  # its resume function is null at the final suspension
        place = self.pointer(data + self.data_place)
        if place and one.state != "created":
            # what a std::source_location points to: file, function, line and column
            location = self.try_read(place, 20)
            if location:
                file, _, one.line = struct.unpack("<QQI", location)
                one.file = self.text(file)
        one.since_ms = self.number(data + self.data_since, 4)
        first, second = struct.unpack("<QI", self.memory.read(data + self.data_creation, 12))
        one.creation = [first & ((1 << 48) - 1), second << 16 | first >> 48]  # in the function itself, and in its caller
        one.awaiter = self.pointer(data + self.data_awaiter) if one.state == "suspended" else 0
        kind = self.pointer(data + self.data_awaited) if one.awaiter else 0
        size = self.try_read(kind + self.await_size, 4) if kind else b""
        one.awaiter_size = min(int.from_bytes(size, "little"), 256) if size else 0
        one.creator = self.creator(self.number(block + self.block_creator, 4), self.number(block + self.block_created_by_main, 1))
        one.scope = self.name_of_scope(scope)
        return one

    def link(self, coroutines):
        """Finds out who awaits whom: by the pointer from an awaiter to a frame, else by one from a promise to a frame."""
        by_frame = {one.frame: one for one in coroutines}
        for one in coroutines:
            for word in self.words(one.awaiter, one.awaiter_size):
                other = by_frame.get(word)
                if other and other is not one:
                    one.awaits, other.awaited_by = other, one
                    break
        for one in coroutines:
            if one.awaited_by:
                continue
            for word in self.words(one.frame + 16, one.data - one.frame - 16):
                other = by_frame.get(word)
                if other and other is not one and not other.awaits:
                    one.awaited_by, other.awaits = other, one
                    break

    def words(self, address, size):
        bytes_ = self.try_read(address, size // 8 * 8) if address and size >= 8 else b""
        return [word for (word,) in struct.iter_unpack("<Q", bytes_)]


def await_chain(coroutine):
    chain = []
    while coroutine and coroutine not in chain:
        chain.append(coroutine)
        coroutine = coroutine.awaited_by
    return chain


# ---- ELF files: symbols of programs, memory of cores


class Elf:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.bytes = file.read()
        if self.bytes[:6] != b"\x7fELF\x02\x01":
            raise CannotRead(f"{path} is no 64-bit ELF file")
        self.type = struct.unpack_from("<H", self.bytes, 16)[0]
        self.segments = self.table(32, 54, 56, "<IIQQQQQQ")
        self.sections = self.table(40, 58, 60, "<IIQQQQIIQQ")

    def table(self, offset_at, size_at, count_at, layout):
        offset = struct.unpack_from("<Q", self.bytes, offset_at)[0]
        size, count = struct.unpack_from("<H", self.bytes, size_at)[0], struct.unpack_from("<H", self.bytes, count_at)[0]
        if count == 0xFFFF and offset_at == 32:  # PN_XNUM: the number is in the first section header
            sections = struct.unpack_from("<Q", self.bytes, 40)[0]
            count = struct.unpack_from("<I", self.bytes, sections + 44)[0]
        return [struct.unpack_from(layout, self.bytes, offset + index * size) for index in range(count) if offset]

    def symbols(self):
        """Yields name, address, size and type (2: a function)."""
        for kind in (2, 11):  # SHT_SYMTAB, SHT_DYNSYM
            for section in self.sections:
                if section[1] != kind:
                    continue
                texts = self.sections[section[6]]
                names = self.bytes[texts[4] : texts[4] + texts[5]]
                for name, info, _, index, value, size in struct.iter_unpack("<IBBHQQ", self.bytes[section[4] : section[4] + section[5] // 24 * 24]):
                    if index and value:
                        yield names, name, value, size, info & 15

    def symbol(self, wanted):
        wanted = wanted.encode()
        for names, name, value, _, _ in self.symbols():
            if names[name : name + len(wanted) + 1] == wanted + b"\0":
                return value
        return None

    def functions(self):
        found = {}
        for names, name, value, size, kind in self.symbols():
            if kind == 2:
                found.setdefault(value, (names[name : names.index(b"\0", name)].decode("utf-8", "backslashreplace"), size))
        return sorted((value, name, size) for value, (name, size) in found.items())

    def load_bias(self, first_mapping):
        """Returns what is added to the file's addresses, by where its first segment was mapped."""
        loads = [segment for segment in self.segments if segment[0] == 1]
        return first_mapping - (min(load[3] for load in loads) & ~4095) if loads else 0


class Modules:
    """Knows which file an address belongs to, and names it."""

    def __init__(self, mappings, open_path):
        """`mappings`: (start, end, offset, path); open_path(path) is where the file can be read."""
        self.first = {}
        for start, _, offset, path in sorted(mappings):
            if offset == 0:
                self.first.setdefault(path, start)
        self.ranges = sorted((start, end, path) for start, end, _, path in mappings)
        self.open_path = open_path
        self.files = {}

    def file(self, path):
        if path not in self.files:
            try:
                elf = Elf(self.open_path(path))
                self.files[path] = (elf, elf.load_bias(self.first[path]), None)
            except (OSError, CannotRead, KeyError):
                self.files[path] = None
        return self.files[path]

    def find_layout(self):
        for path in self.first:
            known = self.file(path)
            value = known[0].symbol("taskleak_layout") if known else None
            if value:
                return value + known[1]
        raise CannotRead(
            "the program has no symbol taskleak_layout: it has no main line of taskleak, or its symbols were stripped"
        )

    def name(self, address):
        index = bisect.bisect_right(self.ranges, (address, 1 << 64, "")) - 1
        path = self.ranges[index][2] if index >= 0 and address < self.ranges[index][1] else None
        known = self.file(path) if path else None
        if not known:
            return None
        elf, bias, functions = known
        if functions is None:
            functions = elf.functions()
            self.files[path] = (elf, bias, functions)
        at = bisect.bisect_right(functions, (address - bias, "\x7f" * 4, 0)) - 1
        if at < 0 or address - bias >= functions[at][0] + max(functions[at][2], 1):
            return f"{os.path.basename(path)}+{address - bias:#x}"
        return functions[at][1]


def demangled(names):
    """Returns readable names, by c++filt where it is installed."""
    # without what the compiler has added for a part of a function
    plain = [re.sub(r"\.(actor|destroy|resume|cleanup|cold|part\.\d+|constprop\.\d+|isra\.\d+)+$", "", name) for name in names]
    return filtered([mangled_coroutine(name) or name for name in filtered(plain)])


def filtered(names):
    tool = shutil.which("c++filt")
    if not names or not tool:
        return list(names)
    done = subprocess.run([tool], input="\n".join(names), capture_output=True, text=True, check=False)
    return done.stdout.split("\n")[: len(names)] if done.returncode == 0 else list(names)


def mangled_coroutine(name):
    """Returns `_Z4worki` of `work(work(int)::_Z4worki.Frame*)`, as GCC calls the function that runs the coroutine work(int)."""
    found = re.search(r"\b(_Z\w+)\.Frame ?\*", name)
    return found.group(1) if found else None


def is_plumbing(function):
    """Whether a function is one of the language's, the system's or taskleak's own around what the program has written."""
    return bool(re.match(r"(\w[\w ]* )?(std|taskleak)::|decltype|pthread_create$|_*libc_start|_start$|start_thread$|clone|lib(c|stdc\+\+|pthread)\.so", function))


# ---- a process


SYSCALLS = {0: "read", 1: "write", 7: "poll", 23: "select", 35: "sleep", 42: "connect", 43: "accept", 45: "read", 47: "read", 61: "wait",
            128: "signal wait", 202: "futex wait", 230: "sleep", 232: "poll", 270: "select", 271: "poll", 281: "poll", 288: "accept", 441: "poll"}


class Process:
    def __init__(self, pid):
        self.pid = pid
        try:
            self.memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
            with open(f"/proc/{pid}/maps", encoding="utf-8", errors="backslashreplace") as maps:
                lines = maps.read().splitlines()
        except FileNotFoundError:
            raise CannotRead(f"there is no process {pid}") from None
        except PermissionError:
            raise CannotRead(
                f"process {pid} may not be read: it is another user's, or kernel.yama.ptrace_scope (sysctl) asks for root"
            ) from None
        mappings = []
        for line in lines:
            parts = line.split(None, 5)
            if len(parts) == 6 and parts[5].startswith("/"):
                start, end = (int(part, 16) for part in parts[0].split("-"))
                mappings.append((start, end, int(parts[2], 16), parts[5]))
        executable = os.readlink(f"/proc/{pid}/exe")
        # the program also if its file was replaced since
        self.modules = Modules(mappings, lambda path: f"/proc/{pid}/exe" if path == executable else f"/proc/{pid}/root{path}")
        self.now_ms = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1_000_000

    def read(self, address, size):
        try:
            taken = os.pread(self.memory, size, address)
        except (OSError, OverflowError):
            taken = b""
        if len(taken) != size:
            raise CannotRead(f"nothing can be read at {address:#x}: it has changed meanwhile, try again")
        return taken

    def complete(self, threads):
        """Adds what the kernel knows: names, states, and threads that nobody announced."""
        known = {thread.tid for thread in threads}
        for tid in sorted(int(name) for name in os.listdir(f"/proc/{self.pid}/task")):
            if tid not in known and self.state(tid):
                other = Thread()
                other.tid, other.creator = tid, "unknown"
                threads.append(other)
        for thread in threads:
            if not thread.finished and thread.tid:
                thread.state = self.state(thread.tid)
                if not thread.is_main:
                    thread.name = self.file(thread.tid, "comm").strip() or thread.name
        return [thread for thread in threads if thread.finished or thread.state or not thread.tid]

    def file(self, tid, name):
        try:
            with open(f"/proc/{self.pid}/task/{tid}/{name}", encoding="utf-8", errors="backslashreplace") as file:
                return file.read()
        except OSError:
            return ""

    def state(self, tid):
        stat = self.file(tid, "stat")
        if not stat:
            return ""
        letter = stat[stat.rindex(")") + 2]
        call = self.file(tid, "syscall").split()
        if letter == "R" or (call and call[0] == "running"):
            return "running"
        if call and call[0].isdigit():
            return SYSCALLS.get(int(call[0]), f"system call {call[0]}")
        return {"D": "io wait", "T": "stopped", "t": "traced", "Z": "ended"}.get(letter, "asleep")


# ---- a core file


class Core:
    def __init__(self, path, program):
        self.elf = Elf(path)
        if self.elf.type != 4:
            raise CannotRead(f"{path} is no core file")
        self.loads = sorted((s[3], s[3] + s[5], s[2]) for s in self.elf.segments if s[0] == 1 and s[5])
        self.starts = [load[0] for load in self.loads]
        self.pid, self.tids, mappings = 0, [], []
        for kind, description in self.notes():
            if kind == 1:  # NT_PRSTATUS: pr_pid is at 32
                self.tids.append(struct.unpack_from("<i", description, 32)[0])
            elif kind == 3:  # NT_PRPSINFO: pr_pid is at 24
                self.pid = struct.unpack_from("<i", description, 24)[0]
            elif kind == 0x46494C45:  # NT_FILE
                mappings = self.files(description)
        if not mappings:
            raise CannotRead(f"{path} does not say which files were mapped")
        main = mappings[0][3]
        self.program = program or main
        self.paths = {main: self.program}
        self.modules = Modules(mappings, lambda mapped: self.paths.get(mapped, mapped))
        self.mappings = sorted(mappings)
        self.now_ms = None

    def notes(self):
        for segment in self.elf.segments:
            if segment[0] != 4:
                continue
            at, end = segment[2], segment[2] + segment[5]
            while at + 12 <= end:
                name_size, size, kind = struct.unpack_from("<III", self.elf.bytes, at)
                at += 12 + (name_size + 3) // 4 * 4
                yield kind, self.elf.bytes[at : at + size]
                at += (size + 3) // 4 * 4

    @staticmethod
    def files(description):
        count, page = struct.unpack_from("<QQ", description)
        paths = description[16 + 24 * count :].split(b"\0")
        entries = struct.iter_unpack("<QQQ", description[16 : 16 + 24 * count])
        return [(start, end, offset * page, path.decode("utf-8", "backslashreplace")) for (start, end, offset), path in zip(entries, paths)]

    def read(self, address, size):
        index = bisect.bisect_right(self.starts, address) - 1
        if index >= 0 and address + size <= self.loads[index][1]:
            offset = self.loads[index][2] + address - self.loads[index][0]
            if offset + size <= len(self.elf.bytes):
                return self.elf.bytes[offset : offset + size]
        # read-only pages of files are left out of a core (core(5), coredump_filter)
        for start, end, offset, path in self.mappings:
            if start <= address and address + size <= end:
                known = self.modules.file(path)
                if known:
                    at = offset + address - start
                    return known[0].bytes[at : at + size]
        raise CannotRead(f"the core has nothing at {address:#x}")

    def complete(self, threads):
        alive = set(self.tids)
        for thread in threads:
            thread.state = "" if thread.tid in alive else "gone"
        for tid in self.tids:
            if tid not in {thread.tid for thread in threads}:
                other = Thread()
                other.tid, other.creator = tid, "unknown"
                threads.append(other)
        return [thread for thread in threads if thread.finished or thread.state != "gone"]


# ---- the list


def in_units(milliseconds):
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    return f"{milliseconds / 1000:.1f} s" if milliseconds < 120_000 else f"{milliseconds // 60_000} min"


def one_line(text):
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


class Lister:
    def __init__(self, target):
        self.target = target
        self.registry = Registry(target, target.modules.find_layout())
        self.threads = target.complete(self.registry.threads(target.pid))
        self.coroutines = self.registry.coroutines()
        addresses = {address - 1 for thread in self.threads for address in thread.creation_stack}
        addresses |= {one.destroy for one in self.coroutines} | {at for one in self.coroutines for at in one.creation}
        known = {address: target.modules.name(address) for address in addresses if address}
        readable = dict(zip(known, demangled([name or "" for name in known.values()])))
        self.names = {address: readable[address] or f"{address:#x}" for address in known}

    def lines(self, all_frames):
        for thread in self.threads:
            yield from self.thread_lines(thread, all_frames)
        for one in self.coroutines:
            yield from self.coroutine_lines(one)
        count = f"{len(self.threads)} thread{'s' * (len(self.threads) != 1)}"
        yield f"{count} and {len(self.coroutines)} coroutine{'s' * (len(self.coroutines) != 1)}"

    def thread_lines(self, thread, all_frames):
        state = "finished never joined" if thread.finished else thread.label or thread.state or ("" if thread.tid else "created")
        name = f' "{one_line(thread.name)}"' if thread.name else ""
        yield f"thread {thread.tid}{name}" + (f" [{one_line(state)}]" if state else "")
        if thread.is_main:
            return
        yield f"    created by {thread.creator}" + (f" in {one_line(thread.scope)}" if thread.scope else "")
        lead = "    at "
        for address in thread.creation_stack:
            function = self.names[address - 1]
            if not all_frames and is_plumbing(function):
                continue
            yield lead + function
            lead = "       "

    def coroutine_lines(self, one):
        place = f" at {one_line(one.file)}:{one.line}" if one.state == "suspended" and one.file else ""
        since = ""
        if self.target.now_ms is not None and one.state != "running":
            since = ", " + in_units((self.target.now_ms - one.since_ms) & 0xFFFFFFFF)
        yield f"coroutine {one.id} {self.function(one)} [{one.state}{place}{since}]"
        if one.awaits:
            yield f"    awaits coroutine {one.awaits.id} {self.function(one.awaits)}"
        chain = await_chain(one)
        if len(chain) > 1:
            yield "    await chain: " + " <- ".join(self.function(link) + (f" {link.file}:{link.line}" if link.file else "") for link in chain)
        yield f"    created by {one.creator}" + (f" in {one_line(one.scope)}" if one.scope else "")
        sites = [self.names[at] for at in one.creation if at]
        # the first place is in the coroutine's own function, unless that was inlined
        site = next((name for name in sites if name != self.function(one)), None)
        if site:
            yield f"    at {site}"

    def function(self, one):
        return self.names.get(one.destroy, f"{one.destroy:#x}")


def main():
    parser = argparse.ArgumentParser(prog="taskleak", description=__doc__.split("\n")[0], epilog="Exit code: 0, or 1 where the program cannot be looked at.")
    commands = parser.add_subparsers(dest="command", required=True)
    ps = commands.add_parser("ps", help="list the tasks of a process")
    ps.add_argument("pid", type=int)
    core = commands.add_parser("core", help="list the tasks in a core file")
    core.add_argument("file")
    core.add_argument("--program", help="the program that wrote the core, where it is not where it was")
    for command in (ps, core):
        command.add_argument("--all-frames", action="store_true", help="show the frames of the language too")
    asked = parser.parse_args()
    tries = 5  # a list may be changed while it is read
    for left in reversed(range(tries)):
        try:
            target = Process(asked.pid) if asked.command == "ps" else Core(asked.file, asked.program)
            print("\n".join(Lister(target).lines(asked.all_frames)))
            return 0
        except (CannotRead, OSError, struct.error) as error:
            if left == 0 or asked.command == "core":
                print(f"taskleak: {error}", file=sys.stderr)
                return 1
            time.sleep(0.01)
    return 1


# ---- gdb

if gdb is not None:
    from gdb.FrameDecorator import FrameDecorator

    class Inferior:
        """Reads the memory of what gdb debugs: a process or a core."""

        def read(self, address, size):
            try:
                return bytes(gdb.selected_inferior().read_memory(address, size))
            except (gdb.error, OverflowError):
                raise CannotRead(f"nothing can be read at {address:#x}") from None

    def the_registry():
        try:
            layout = int(gdb.parse_and_eval("(unsigned long) &taskleak_layout"))
        except gdb.error:
            raise gdb.GdbError("the program has no symbol taskleak_layout: it has no main line of taskleak") from None
        try:
            return Registry(Inferior(), layout)
        except CannotRead as error:
            raise gdb.GdbError(str(error)) from None

    def tasks():
        """Returns the threads that gdb knows, each with its record or None, and the coroutines."""
        registry = the_registry()
        try:
            records = {thread.tid: thread for thread in registry.threads(gdb.selected_inferior().pid)}
            coroutines = registry.coroutines()
        except CannotRead as error:
            raise gdb.GdbError(str(error)) from None
        threads = sorted(gdb.selected_inferior().threads(), key=lambda thread: thread.num)
        return [(thread, records.get(thread.ptid[1])) for thread in threads], coroutines

    def function_at(address):
        block = gdb.block_for_pc(address) if address else None
        while block is not None and block.function is None:
            block = block.superblock
        if block is not None:
            return block.function
        return None

    def name_at(address):
        function = function_at(address)
        if function is not None:
            # GCC's function of a coroutine is called `work(_Z4workv.Frame *)`
            mangled = mangled_coroutine(function.print_name)
            return gdb.execute(f"demangle -l c++ -- {mangled}", to_string=True).strip() if mangled else function.print_name
        words = gdb.execute(f"info symbol {address:#x}", to_string=True)
        name = re.sub(r"( \+ \d+)? in section .*", "", words.strip())
        return f"{address:#x}" if name.startswith("No symbol") else name

    def function_of(coroutine):
        return re.sub(r" ?\[clone [^]]*\]", "", name_at(coroutine.destroy))

    def frame_of(coroutine):
        """Returns the coroutine's frame as a value; None where the compiler has not described it."""
        function = function_at(coroutine.resume) or function_at(coroutine.destroy)
        if function is None:
            return None
        try:
            # GCC hands the frame to the function as its only argument
            kind = function.type.fields()[0].type
            if kind.code == gdb.TYPE_CODE_PTR and str(kind.target()).endswith(".Frame"):
                return gdb.Value(coroutine.frame).cast(kind).dereference()
            # Clang describes it as a variable of the function
            for symbol in gdb.block_for_pc(int(gdb.parse_and_eval(f"(long) {coroutine.resume or coroutine.destroy}"))):
                if symbol.name == "__coro_frame":
                    return gdb.Value(coroutine.frame).cast(symbol.type.pointer()).dereference()
        except (gdb.error, IndexError, RuntimeError, TypeError):
            pass
        return None

    def locals_of(coroutine):
        """Yields name and value of what the coroutine keeps in its frame: its parameters and local variables."""
        frame = frame_of(coroutine)
        if frame is None:
            return
        for field in frame.type.fields():
            name = field.name or ""
            if re.match(r"$|_|D\.\d|(Fs|Is|Aw\d*|Tr\d*)(_\d+)*$|(class|struct|union|enum)_", name):
                continue  # the compiler's own
            # GCC numbers a variable by its scope: `count_1_2`
            yield re.sub(r"(_\d+)+$", "", name), frame[field]

    def is_shown(value):
        """Whether a field is a variable of the program's, and not an awaiter or a handle that the compiler keeps."""
        return not str(value.type.strip_typedefs()).startswith(("taskleak::", "std::__n4861::suspend", "std::suspend"))

    def place_of(coroutine):
        return f" at {coroutine.file}:{coroutine.line}" if coroutine.file else ""

    def header(number, thread, record):
        name = (record.name if record and record.name else thread.name) or ""
        words = f'thread {thread.ptid[1]} "{one_line(name)}"'
        if record and record.label:
            words += f" [{one_line(record.label)}]"
        return words + f" (gdb thread {number})"

    def coroutine_header(one):
        place = place_of(one) if one.state == "suspended" else ""
        return f"coroutine {one.id} {function_of(one)} [{one.state}{place}]"

    class InfoTasks(gdb.Command):
        """List the threads and coroutines of a program that has taskleak's main line."""

        def __init__(self):
            super().__init__("info tasks", gdb.COMMAND_STATUS)

        def invoke(self, argument, from_tty):
            threads, coroutines = tasks()
            selected = gdb.selected_thread()
            for thread, record in threads:
                thread.switch()
                frame = gdb.newest_frame()
                where = frame.name() or f"{frame.pc():#x}"
                line = header(thread.num, thread, record) + f" in {where}"
                if record and not record.is_main:
                    line += f", created by {record.creator}" + (f" in {one_line(record.scope)}" if record.scope else "")
                print(line)
            if selected is not None:
                selected.switch()
            for one in coroutines:
                print(coroutine_header(one) + (f", awaited by coroutine {one.awaited_by.id}" if one.awaited_by else ""))
            print(f"{len(threads)} threads and {len(coroutines)} coroutines")

    class Task(gdb.Command):
        """Commands for the tasks of a program that has taskleak's main line."""

        def __init__(self):
            super().__init__("task", gdb.COMMAND_STACK, prefix=True)

    class TaskApply(gdb.Command):
        """Apply bt to tasks: task apply all|threads|coroutines|ID... bt [full]

ID is the kernel's id of a thread, or a coroutine's number with a c in front of it: c12. `full` shows the variables."""

        def __init__(self):
            super().__init__("task apply", gdb.COMMAND_STACK)

        def invoke(self, argument, from_tty):
            words = gdb.string_to_argv(argument)
            if "bt" not in words or words.index("bt") == 0 or words[words.index("bt") + 1 :] not in ([], ["full"]):
                raise gdb.GdbError("task apply all|threads|coroutines|ID... bt [full]")
            wanted, full = words[: words.index("bt")], words[-1] == "full"
            threads, coroutines = tasks()
            known = {str(thread.ptid[1]) for thread, _ in threads} | {f"c{one.id}" for one in coroutines} | {"all", "threads", "coroutines"}
            for word in wanted:
                if word not in known:
                    raise gdb.GdbError(f"there is no task {word}: see info tasks")
            selected = gdb.selected_thread()
            for thread, record in threads:
                if {"all", "threads", str(thread.ptid[1])} & set(wanted):
                    print("\n" + header(thread.num, thread, record))
                    thread.switch()
                    gdb.execute("bt full" if full else "bt")
            if selected is not None:
                selected.switch()
            for one in coroutines:
                if {"all", "coroutines", f"c{one.id}"} & set(wanted):
                    print("\n" + coroutine_header(one))
                    for level, link in enumerate(await_chain(one)):
                        print(f"#{level}  {function_of(link)}{place_of(link)}")
                        if full:
                            for name, value in locals_of(link):
                                if is_shown(value):
                                    print(f"        {name} = {value}")

    class VariableOfFrame:
        """Is a variable in a coroutine's frame, for `bt full`."""

        def __init__(self, name, value):
            self.name, self.shown = name, value

        def symbol(self):
            return self.name

        def value(self):
            return self.shown

    class AwaitingFrame(FrameDecorator):
        """Stands for a coroutine that awaits the one whose function is above it in a backtrace."""

        def __init__(self, base, coroutine):
            super().__init__(base)
            self.coroutine = coroutine

        def function(self):
            return f"{function_of(self.coroutine)} [awaits]"

        def address(self):
            return self.coroutine.resume or self.coroutine.destroy

        def filename(self):
            return self.coroutine.file or None

        def line(self):
            return self.coroutine.line or None

        def frame_args(self):
            return None

        def frame_locals(self):
            return [VariableOfFrame(name, value) for name, value in locals_of(self.coroutine) if is_shown(value)]

    class AwaitChains:
        """Puts behind the frame of a coroutine that runs those of the coroutines that await it."""

        def __init__(self):
            self.name, self.priority, self.enabled = "taskleak-await-chains", 90, True
            gdb.frame_filters[self.name] = self

        def filter(self, frames):
            return self.with_chains(frames)

        def with_chains(self, frames):
            by_frame = None
            for decorated in frames:
                yield decorated
                address = self.coroutine_frame(decorated.inferior_frame())
                if not address:
                    continue
                if by_frame is None:
                    try:
                        by_frame = {one.frame: one for one in the_registry().coroutines()}
                    except (gdb.GdbError, CannotRead):
                        by_frame = {}
                running = by_frame.get(address)
                for one in await_chain(running)[1:]:
                    if one.state == "suspended":
                        yield AwaitingFrame(decorated.inferior_frame(), one)

        @staticmethod
        def coroutine_frame(frame):
            """Returns the address of the coroutine's frame, where this is the function that runs a coroutine; else 0."""
            try:
                function = frame.function()
                if function is None:
                    return 0
                kind = function.type.fields()
                if kind and str(kind[0].type).endswith(".Frame *"):
                    return int(frame.read_var("frame_ptr"))
                return int(frame.read_var("__coro_frame").address)  # as Clang calls it, in a coroutine and nowhere else
            except (gdb.error, ValueError, AttributeError, IndexError, RuntimeError, TypeError):
                pass
            return 0

    InfoTasks()
    Task()
    TaskApply()
    AwaitChains()
elif __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        sys.exit(0)
