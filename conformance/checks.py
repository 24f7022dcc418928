"""One line per check on standard output: `✓ what` or `✗ what`; the caller counts them."""

import json
import os
import sys
from contextlib import contextmanager

GATEWAY = os.environ["BALLAST_GATEWAY"]
TOKEN = os.environ["BALLAST_TOKEN"]
MODEL = os.environ["BALLAST_MODEL"]
FACTS = json.loads(os.environ["BALLAST_FACTS"])
AUTHORIZATION = {"Authorization": f"Bearer {TOKEN}"}

_failed = False


@contextmanager
def check(what: str):
    """Runs a block; what it raises fails the check and ends neither the others nor the script."""
    global _failed
    try:
        yield
        print(f"✓ {what}", flush=True)
    except Exception as error:  # noqa: BLE001 - a check may fail in any way
        _failed = True
        print(f"✗ {what}\n    {type(error).__name__}: {error}", flush=True)


def equal(got, wanted, what: str = "value"):
    if got != wanted:
        raise AssertionError(f"{what}: got {got!r}, wanted {wanted!r}")


def holds(condition: bool, what: str):
    if not condition:
        raise AssertionError(what)


def finish():
    sys.exit(1 if _failed else 0)
