"""`ocop import` as a person calls it: what goes to standard output, what to standard error, and how it ends."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.legacy.books import make, row

DATA = Path(__file__).with_name("data")
CALL = "import sys; from ocop.cli import main; sys.argv[0] = 'ocop'; main()"
MEASURED = f"""
import resource, subprocess, sys
subprocess.run([sys.executable, "-c", {CALL!r}, *sys.argv[1:]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def ocop(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", CALL, *arguments], capture_output=True, text=True, check=False)


def test_a_dry_run_prints_the_verdicts_and_nothing_else(tmp_path: Path) -> None:
    expected = json.loads((DATA / "legacy-register.expected.json").read_text(encoding="utf-8"))
    book = DATA / "legacy-register.xlsx"
    done = ocop("import", str(book), "--dry-run", "--as-of", "2026-08-31", "--json", "--data", str(tmp_path / "none"))
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert set(found) == {"workbook", "as_of", "ignored_sheets", "totals", "sheets"}
    assert found["totals"] == expected["totals"]
    rows = [one for sheet in found["sheets"] for one in sheet["rows"]]
    wanted = [one for sheet in expected["sheets"] for one in sheet["rows"]]
    left_out = {"facts", "defect"}
    assert rows == [{name: value for name, value in one.items() if name not in left_out} for one in wanted]
    assert not (tmp_path / "none").exists()


def test_options_may_stand_before_the_file_and_a_summary_is_for_people(tmp_path: Path) -> None:
    done = ocop("import", "--dry-run", str(make(tmp_path / "b.xlsx", [row(star=3)], more=["Bìa"])))
    assert done.returncode == 0
    assert "W-STAR-CONFLICT" in done.stdout
    assert "Bìa" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["none.xlsx", "--dry-run"], 2),
        ([str(DATA / "legacy-register.expected.json"), "--dry-run", "--json"], 1),
        ([str(DATA / "legacy-register.xlsx"), "--dry-run", "--as-of", "31/8/2026"], 2),
        ([str(DATA / "legacy-register.xlsx"), "--dry-run", "--province", "99"], 2),
    ],
)
def test_what_is_refused_ends_with_one_and_what_is_called_wrongly_with_two(arguments: list[str], status: int) -> None:
    done = ocop("import", *arguments)
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr


def test_memory_does_not_grow_with_the_book(tmp_path: Path) -> None:
    """Many times the rows take little more: what earlier rows were is kept in a few bytes of each."""
    few, many = (
        make(tmp_path / f"{count}.xlsx", (row(tt=n, product=f"Sản phẩm {n}") for n in range(count)))
        for count in (200, 6_000)
    )
    peaks = []
    for book in (few, many):
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, "import", str(book), "--dry-run", "--json"], capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        peaks.append(int(done.stdout))
    assert peaks[1] < peaks[0] * 1.25


def test_a_register_begins_with_what_is_imported_and_the_same_file_again_brings_nothing(tmp_path: Path) -> None:
    book, data = tmp_path / "legacy-register.xlsx", str(tmp_path / "data")
    shutil.copy(DATA / book.name, book)
    told = []
    for _ in "12":
        done = ocop("import", str(book), "--as-of", "2026-08-31", "--json", "--data", data)
        assert done.returncode == 0, done.stderr
        told.append(json.loads(done.stdout)["committed"])
    assert all(count > 0 for count in told[0].values())
    assert set(told[1].values()) == {0}
