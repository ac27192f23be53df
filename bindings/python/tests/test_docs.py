"""Every code block of docs/embedding-python.md is run, in its order, as one program."""

import re
from pathlib import Path

import dcep_wallet as dcep

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "embedding-python.md"
ADDRESS = "http://127.0.0.1:8440"


def test_the_guide_runs(bank, tmp_path, monkeypatch, capsys):
    text = DOCUMENT.read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)
    assert len(blocks) == text.count("```python") > 6
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "guide"}
    used = 0
    for block in blocks:
        used += block.count(ADDRESS)
        exec(compile(block.replace(ADDRESS, bank.address), str(DOCUMENT), "exec"), names)
    assert used == 1
    said = capsys.readouterr().out
    assert "mended=False" in said
    assert "because of OSError('the cable is out')" in said
    assert "金额过大" in said


def test_the_first_payment_takes_ten_lines():
    text = DOCUMENT.read_text(encoding="utf-8")
    block = text.split("## A first payment in ten lines")[1].split("```python\n")[1].split("```")[0]
    lines = [line for line in block.splitlines() if line and not line.startswith(("import", "from", "print", "assert"))]
    assert len(lines) <= 10


def test_every_error_is_in_the_table():
    table = DOCUMENT.read_text(encoding="utf-8").split("## What to do in each error")[1].split("## ")[0]
    for name in dcep.__all__:
        if name.endswith("Error") and name != "SandboxError":
            assert f"`{name}`" in table, name
