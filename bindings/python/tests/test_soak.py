"""A thousand rounds of open, pay and close leave no memory and no open file behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROUNDS, WARM_UP = 1_000, 200
MOST = 2_000_000


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="there is no /proc to read memory from")
def test_a_thousand_rounds_leave_nothing_behind(bank):
    folder = Path(__file__).parent
    command = [sys.executable, folder / "soak.py", bank.address, bank.root, str(ROUNDS), str(WARM_UP)]
    done = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["after"]["files"] == report["before"]["files"]
    grown = report["after"]["resident"] - report["before"]["resident"]
    print(f"{ROUNDS} rounds: {grown} bytes more after the first {WARM_UP}")
    assert grown < MOST
