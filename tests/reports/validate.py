# SPDX-License-Identifier: MIT
"""Holds JSON files against a schema: validate.py <schema> <file>...

In our own schema a member that it does not name is an error here, though readers of the files have to bear one.
"""
import json
import sys

try:
    import jsonschema
except ImportError:
    print("taskleak: python3-jsonschema is not installed, so nothing is validated")
    sys.exit(77)


def forbid_unknown_members(schema):
    if isinstance(schema, dict):
        if "properties" in schema:
            schema["additionalProperties"] = False
        for value in schema.values():
            forbid_unknown_members(value)
    elif isinstance(schema, list):
        for value in schema:
            forbid_unknown_members(value)


def main(schema_path, *paths):
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    if schema["title"].startswith("taskleak"):
        forbid_unknown_members(schema)
    errors = 0
    for path in paths:
        with open(path, encoding="utf-8", errors="strict") as file:
            value = json.load(file)
        for error in validator(schema).iter_errors(value):
            where = "/".join(str(part) for part in error.absolute_path)
            print(f"{path}: {where}: {error.message[:300]}")
            errors += 1
        print(f"{path}: {'valid' if errors == 0 else 'not valid'}")
    return 1 if errors else 0


sys.exit(main(*sys.argv[1:]))
