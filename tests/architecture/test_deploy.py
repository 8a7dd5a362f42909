"""What starts the program says the same thing everywhere."""

import re

from tests.architecture.source import ROOT


def test_the_image_and_the_environment_are_built_by_the_same_tool() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    pinned = re.search(r"^UV_VERSION := (\S+)$", makefile, re.MULTILINE)
    assert pinned
    assert f"uv=={pinned[1]}\n" in dockerfile


def test_the_image_holds_every_part_of_the_program() -> None:
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    admitted = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    for part in ("ocop", "services", "shared"):
        assert f"COPY {part} {part}\n" in dockerfile
        assert f"!{part}\n" in admitted
