#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes one file of those that the test programs or shards of a run have written: merge_reports.py [-o OUTPUT] FILE...

Takes files of TASKLEAK_OPTIONS=format=json, format=sarif and format=gitlab, all of one format, and writes that format.
"""
import argparse
import json
import sys


class Refused(Exception):
    pass


def format_of(value, path):
    if isinstance(value, list):
        return "gitlab"
    if isinstance(value, dict) and value.get("version") == "2.1.0" and "runs" in value:
        return "sarif"
    if isinstance(value, dict) and "schema_version" in value and "reports" in value:
        if value["schema_version"] != 1:
            raise Refused(f"{path}: schema_version {value['schema_version']} is not known here, 1 is")
        return "json"
    raise Refused(f"{path}: neither format=json, format=sarif nor format=gitlab of taskleak")


def merge_json(files):
    """Returns a run with the reports of all, each with the program and the process that it is of."""
    merged = {**files[0], "program": "", "pid": 0, "reports": []}
    programs = {file["program"] for file in files}
    if len(programs) == 1:
        merged["program"] = programs.pop()
    for file in files:
        merged["reports"] += [{**report, "program": file["program"], "pid": file["pid"]} for report in file["reports"]]
    return merged


def merge_sarif(files):
    """Returns a file with one run: results of one leak, which have one fingerprint and place, are one result."""
    run = json.loads(json.dumps(files[0]["runs"][0]))
    run["results"], run["invocations"], known = [], [], {}
    names = {r.get("automationDetails", {}).get("id", "") for file in files for r in file["runs"]}
    run["automationDetails"] = {"id": names.pop() if len(names) == 1 else "taskleak/"}
    for file in files:
        for part in file["runs"]:
            if part["tool"] != run["tool"]:
                raise Refused("the files are of different versions of taskleak")
            run["invocations"] += part.get("invocations", [])
            for result in part["results"]:
                place = json.dumps([result["partialFingerprints"], result["locations"]], sort_keys=True)
                same = known.setdefault(place, result) if result["ruleId"] != "bad-options" else result
                if same is result:
                    run["results"].append(result)
                    continue
                same["occurrenceCount"] = same.get("occurrenceCount", 1) + result.get("occurrenceCount", 1)
                scopes = same["properties"]["scopes"]
                scopes += [scope for scope in result["properties"]["scopes"] if scope not in scopes]
                if result["level"] == "error":
                    same["level"] = "error"
    return {**files[0], "runs": [run]}


def merge_gitlab(files):
    """Returns a list in which no two entries have one fingerprint: of such GitLab shows the first only."""
    merged, known = [], {}
    for file in files:
        for entry in file:
            place = (entry["fingerprint"], entry["location"]["path"], entry["location"]["lines"]["begin"])
            if place in known:
                continue
            known[place] = entry
            taken = {other["fingerprint"] for other in merged}
            fingerprint, number = entry["fingerprint"], 1
            while fingerprint in taken:
                fingerprint, number = f"{entry['fingerprint']}-{number}", number + 1
            merged.append({**entry, "fingerprint": fingerprint})
    return merged


MERGE = {"json": merge_json, "sarif": merge_sarif, "gitlab": merge_gitlab}


def merge(paths):
    files, formats = [], {}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            try:
                files.append(json.load(file))
            except ValueError as error:
                raise Refused(f"{path}: no JSON: {error}") from error
        formats.setdefault(format_of(files[-1], path), path)
    if len(formats) > 1:
        raise Refused("files of different formats: " + ", ".join(f"{path} is {name}" for name, path in formats.items()))
    return MERGE[next(iter(formats))](files)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", default="-", help="the file to write; - for stdout, which is the default")
    parser.add_argument("files", nargs="+", metavar="FILE")
    asked = parser.parse_args()
    try:
        text = json.dumps(merge(asked.files), indent=1, ensure_ascii=False) + "\n"
        if asked.output == "-":
            sys.stdout.write(text)
        else:
            with open(asked.output, "w", encoding="utf-8") as file:
                file.write(text)
    except (Refused, OSError) as error:
        print(f"merge_reports: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
