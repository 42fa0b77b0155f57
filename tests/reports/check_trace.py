# SPDX-License-Identifier: MIT
"""Holds a file against the rules of trace events, and prints the tasks of each test: check_trace.py <file>"""
import collections
import json
import sys


def check(event):
    phase = event["ph"]
    assert phase in ("M", "X", "b", "e"), event
    assert isinstance(event["pid"], int) and isinstance(event["tid"], int), event
    assert isinstance(event["name"], str), event
    if phase == "M":
        return
    assert isinstance(event["ts"], (int, float)), event
    assert phase != "X" or event["dur"] >= 0, event
    assert phase not in ("b", "e") or (event["id"] and event["cat"]), event


with open(sys.argv[1], encoding="utf-8") as file:
    trace = json.load(file)
events = trace["traceEvents"]
for one in events:
    check(one)

groups = {e["pid"]: e["args"]["name"] for e in events if e["ph"] == "M" and e["name"] == "process_name"}
assert len(set(groups.values())) == len(groups), groups
open_coroutines = collections.Counter()
rows = collections.defaultdict(list)
for e in events:
    if e["ph"] == "b":
        open_coroutines[e["pid"], e["cat"], e["id"]] += 1
    elif e["ph"] == "e":
        open_coroutines[e["pid"], e["cat"], e["id"]] -= 1
    if e["ph"] in ("X", "b"):
        left = e.get("args", {}).get("left_behind")
        rows[e["pid"]].append((e["ts"], e["name"] + (f" ({left})" if left else "")))
    # events of one row nest, or follow each other
    if e["ph"] == "X":
        for o in events:
            if o is not e and o["ph"] == "X" and (o["pid"], o["tid"]) == (e["pid"], e["tid"]):
                overlaps = e["ts"] < o["ts"] < e["ts"] + e["dur"] < o["ts"] + o["dur"]
                assert not overlaps, (e, o)
assert not any(open_coroutines.values()), open_coroutines
for pid, named in sorted(rows.items()):
    print(f"{groups[pid]}: {', '.join(name for _, name in sorted(named))}")
