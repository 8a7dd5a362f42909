"""Writes prometheus.yml of compose: `python -m deploy.prometheus`."""

from pathlib import Path

from deploy.prometheus.scrape import HEAD, config, in_compose

Path(__file__).with_name("prometheus.yml").write_text(HEAD + config(in_compose()), encoding="utf-8")
