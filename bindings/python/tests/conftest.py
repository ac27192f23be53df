"""What the tests share: a bank on loopback, and people with wallets."""

import os
import subprocess
from pathlib import Path

import dcep_wallet as dcep
import pytest

import people


@pytest.fixture(scope="session")
def bank_program():
    """`dcep-bank`, as `cargo xtask test` has built it."""
    return Path(os.environ["DCEP_BANK_PROGRAM"])


@pytest.fixture
def bank(bank_program):
    """A bank on loopback that gives every new account 1,000 yuan: its address and its root key."""
    command = [bank_program, "--listen", "127.0.0.1:0", "--welcome", "1000.00"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            address = process.stdout.readline().strip().removeprefix("listening on ")
            root = process.stdout.readline().strip().removeprefix("root key ")
            yield people.Loopback(address, root)
        finally:
            process.terminate()


@pytest.fixture
def sandbox():
    """A bank and phones in this process."""
    return dcep.Sandbox(1)
