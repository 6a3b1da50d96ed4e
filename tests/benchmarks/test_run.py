"""The benchmark runs and says what it should; whether the figures are good is for `make bench` to say."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("run.py")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not add up the CPU time of children")
def test_the_benchmark_measures_every_target():
    """A small run checks its own syncs and gives a figure for each target."""
    ran = subprocess.run(
        [sys.executable, SCRIPT, "--rows", "2000", "--json"], capture_output=True, text=True, check=False
    )
    assert ran.returncode in (0, 1), ran.stderr
    found = json.loads(ran.stdout)
    assert found["rows"] == 2000
    assert [one["target"] for one in found["figures"]] == [None, 2.0, 0.65, 0.75, 200, 1.1, 0.15]
    assert all(one["reached"] > 0 for one in found["figures"])
