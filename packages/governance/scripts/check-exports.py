"""Holds exports against the official schemas, which are not part of this repository.

    python3 -m venv venv && venv/bin/pip install 'cyclonedx-python-lib[json-validation]' jsonschema
    git clone --depth 1 https://github.com/OpenLineage/OpenLineage
    venv/bin/python check-exports.py --bom model.cdx.json
    venv/bin/python check-exports.py --events runs.ndjson --spec OpenLineage/spec

`model.cdx.json` is what `model.bom` answers, `runs.ndjson` what `/api/openlineage` does. Ends with 1 when anything is invalid.
"""

import argparse
import json
import pathlib
import sys


def bom_errors(path: str):
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(pathlib.Path(path).read_text())
    if error is not None:
        yield str(error)


def facets_of(value):
    if isinstance(value, dict):
        if "_schemaURL" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from facets_of(one)


def event_errors(path: str, spec: str):
    """Each event against the core schema, each of its facets against the facet's own."""
    from jsonschema import Draft202012Validator
    from referencing import Registry, Resource

    files = [pathlib.Path(spec) / "OpenLineage.json", *(pathlib.Path(spec) / "facets").glob("*.json")]
    schemas = {one["$id"]: one for one in (json.loads(file.read_text()) for file in files)}
    registry = Registry().with_resources((name, Resource.from_contents(one)) for name, one in schemas.items())
    core = next(name for name in schemas if name.endswith("/OpenLineage.json"))

    def errors(reference: str, value):
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": reference}
        check = Draft202012Validator(schema, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER)
        return [f"{reference.rsplit('/', 1)[-1]}: {error.message[:300]}" for error in check.iter_errors(value)]

    for number, line in enumerate(pathlib.Path(path).read_text().splitlines(), 1):
        event = json.loads(line)
        found = errors(f"{core}#/$defs/RunEvent", event)
        for facet in facets_of(event):
            name = facet["_schemaURL"].split("#")[0]
            found += errors(facet["_schemaURL"], facet) if name in schemas else [f"{name} is no schema of this version"]
        yield from (f"line {number}: {error}" for error in found)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bom")
    parser.add_argument("--events")
    parser.add_argument("--spec")
    asked = parser.parse_args()
    found = list(bom_errors(asked.bom)) if asked.bom else []
    if asked.events:
        found += event_errors(asked.events, asked.spec)
    print("\n".join(found) if found else "valid")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
