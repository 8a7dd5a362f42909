"""What Prometheus scrapes and which rules it keeps: the same text for compose and for a test, with other targets."""

from collections.abc import Iterable
from dataclasses import dataclass

import yaml

from shared.contracts.topics import HOUSES

JOB = "ocop"
EVERY = "15s"
HEAD = """\
# Made by `python -m deploy.prometheus`; tests/observed/test_prometheus.py compares. Change deploy/prometheus/scrape.py.
"""


@dataclass(frozen=True, slots=True)
class Target:
    """One process: where its `/metrics` is, what it is called, and its role (api, worker, portal)."""

    address: str
    process: str
    role: str


def processes() -> list[tuple[str, str]]:
    """(process, role) of everything that is scraped, houses in the order of the bus."""
    return [(f"{house}-{role}", role) for house in HOUSES for role in ("api", "worker")] + [("portal", "portal")]


def in_compose() -> list[Target]:
    """Each container is called as its process and listens on 8000."""
    return [Target(f"{process}:8000", process, role) for process, role in processes()]


def config(targets: Iterable[Target], *, every: str = EVERY, rules: str = "rules/*.yml") -> str:
    """The text of prometheus.yml. Targets bear no label `house`: the metrics have one, and it would be renamed."""
    return yaml.safe_dump(
        {
            "global": {"scrape_interval": every, "evaluation_interval": every, "scrape_timeout": shorter(every)},
            "rule_files": [rules],
            "scrape_configs": [
                {
                    "job_name": JOB,
                    "metrics_path": "/metrics",
                    "static_configs": [
                        {"targets": [target.address], "labels": {"process": target.process, "role": target.role}}
                        for target in targets
                    ],
                }
            ],
        },
        sort_keys=False,
    )


def shorter(every: str) -> str:
    """A scrape is given up before the next one begins: at most 10 s."""
    return f"{min(int(every.removesuffix('s')), 10)}s"
