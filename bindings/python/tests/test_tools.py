"""The tools that make the wheel stop where they do not understand, and say what to do."""

import importlib
import sys
from pathlib import Path

import dcep_wallet as dcep
import pytest

TOOLS = Path(__file__).resolve().parents[1] / "tools"
SOURCES = TOOLS.parents[1] / "src"


@pytest.fixture
def tool(monkeypatch):
    """Imports one of them."""
    monkeypatch.setattr(sys, "path", [str(TOOLS), *sys.path])
    return importlib.import_module


def test_a_module_that_is_not_as_it_was_is_refused(tool):
    polish = tool("polish")
    with pytest.raises(polish.Unexpected, match="two guards of callbacks"):
        polish.polish("from __future__ import annotations\n", SOURCES)


def test_every_field_of_the_sources_is_found(tool):
    docs = tool("polish").field_docs(SOURCES)
    assert docs["Amount", "fen"] == "How many fen."
    assert docs["InDoubt", "age"] == "How many seconds ago that is."
    assert all(docs.values())


def test_pip_is_told_how_a_wheel_is_made(tool):
    for build in (tool("make_wheel").build_wheel, tool("make_wheel").build_sdist):
        with pytest.raises(SystemExit, match="cargo xtask package python|the sources are the repository"):
            build("nowhere")


def test_the_wheel_says_what_it_is():
    from importlib import metadata

    wheel = metadata.metadata("dcep-wallet")
    assert wheel["Version"] == f"{dcep.library_version()}+sandbox"
    assert wheel["License-Expression"] == "MIT OR Apache-2.0"
    names = {Path(str(file)).name for file in metadata.files("dcep-wallet")}
    assert {"py.typed", "_generated.py", "LICENSE-MIT", "LICENSE-APACHE"} <= names
