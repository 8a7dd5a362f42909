"""Dashboards are what the code makes, ask only for what there is, and say what to do."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.grafana.boards import FOLDER, boards, files
from deploy.grafana.panels import Board, Panel
from shared.contracts.topics import HOUSES
from shared.metrics import DECLARED
from tests.observed.declared import ROOT, alerts, faults, names
from tests.observed.promql import asked
from tests.promtool import promtool

BOARDS = {board.uid: board for board in boards()}
PROVISIONING = ROOT / "deploy" / "grafana" / "provisioning"


def panels(board: Board) -> list[Panel]:
    return [panel for section in board.sections for panel in section.panels]


def drawn(board: Board) -> list[dict[str, Any]]:
    return [panel for panel in board.json()["panels"] if panel["type"] != "row"]


def called(board: Board) -> str:
    return board.uid


PANELS = [panel for board in BOARDS.values() for panel in panels(board)]


def test_the_files_are_what_the_code_makes() -> None:
    kept = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    assert kept == files(), "run `python -m deploy.grafana`"


def test_there_is_one_of_everything_of_the_bus_of_the_stores_and_of_each_house() -> None:
    assert set(BOARDS) == {"ocop-overview", "ocop-bus", "ocop-store", *(f"ocop-{house}" for house in HOUSES)}


@pytest.mark.parametrize("board", BOARDS.values(), ids=called)
def test_panels_ask_only_for_what_is_declared(board: Board) -> None:
    assert [fault for panel in panels(board) for query in panel.queries for fault in faults(query.expr)] == []


def test_a_metric_a_label_or_a_value_that_nothing_has_is_found() -> None:
    assert faults("sum by (house) (rate(ocop_commands_totals[5m]))")
    assert faults("sum by (hause) (ocop_relay_leader)")
    assert faults('ocop_relay_leader{hause="programme"}')
    assert faults('ocop_relay_leader{house="program"}')
    assert faults('ocop_dossiers{state=~"filed|closed"}')
    assert faults("vector(1)")
    assert not faults('sum by (house) (ocop_relay_leader{house=~"pro.*"}) / on (house) house:ocop_relay_leader:sum')


def test_every_expression_is_promql(tmp_path: Path) -> None:
    exprs = {query.expr for panel in PANELS for query in panel.queries}
    rules = [
        {"record": f"asked:{n}", "expr": expr.replace("$__rate_interval", "1m")} for n, expr in enumerate(sorted(exprs))
    ]
    file = tmp_path / "asked.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "asked", "rules": rules}]}), encoding="utf-8")
    checked = subprocess.run([promtool(), "check", "rules", file], capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0, checked.stderr
    assert f"{len(exprs)} rules found" in checked.stdout


def test_every_declared_metric_is_seen_somewhere() -> None:
    exprs = [query.expr for panel in PANELS for query in panel.queries] + [rule["expr"] for rule in alerts().values()]
    recorded = yaml.safe_load((ROOT / "deploy/prometheus/rules/ocop.yml").read_text(encoding="utf-8"))["groups"]
    exprs += [rule["expr"] for group in recorded for rule in group["rules"]]
    seen = {selector.metric for expr in exprs for selector in asked(expr).selectors}
    assert [next(names(m.metric)) for m in DECLARED.all if not seen & set(names(m.metric))] == []


@pytest.mark.parametrize("board", BOARDS.values(), ids=called)
def test_panels_say_in_both_languages_what_they_are_and_what_to_do(board: Board) -> None:
    for panel, shown in zip(panels(board), drawn(board), strict=True):
        assert all((panel.vi, panel.en, panel.todo_vi, panel.todo_en, panel.unit)), panel
        assert shown["title"] == f"{panel.vi} / {panel.en}"
        assert shown["description"].startswith(f"{panel.todo_vi}\n\n{panel.todo_en}")
        assert shown["fieldConfig"]["defaults"]["unit"] == panel.unit
        assert panel.queries or panel.kind == "alertlist"
        assert all(target["legendFormat"] for target in shown["targets"])


@pytest.mark.parametrize("board", BOARDS.values(), ids=called)
def test_panels_lie_side_by_side_within_the_width(board: Board) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in board.json()["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
    ids = [panel["id"] for panel in board.json()["panels"]]
    assert len(set(ids)) == len(ids)


def test_the_houses_are_shown_alike() -> None:
    common = [
        [section.en for section in BOARDS[f"ocop-{house}"].sections if section.en not in own]
        for house in HOUSES
        for own in [{"Dossiers", "The councils' limits", "Certificates", "The national programme"}]
    ]
    assert all(sections == common[0] for sections in common)
    assert len(common[0]) > 5


def test_every_alert_is_on_a_panel_and_the_red_line_is_its_number() -> None:
    shown = {panel.alert for panel in PANELS if panel.alert}
    assert shown == set(alerts())
    for panel in PANELS:
        line = panel.red_from if panel.red_from is not None else panel.red_below
        if panel.alert and line is not None:
            number = float(alerts()[panel.alert]["expr"].split()[-1])
            assert line == number, f"{panel.en}: red at {line}, {panel.alert} at {number}"


def test_every_panel_and_the_provisioning_name_the_same_source() -> None:
    (source,) = yaml.safe_load((PROVISIONING / "datasources" / "prometheus.yml").read_text(encoding="utf-8"))[
        "datasources"
    ]
    used = {panel["datasource"]["uid"] for board in BOARDS.values() for panel in drawn(board)}
    used |= {t["datasource"]["uid"] for board in BOARDS.values() for panel in drawn(board) for t in panel["targets"]}
    assert used == {source["uid"]} == {"prometheus"}


def test_only_the_variable_that_a_dashboard_has_is_asked_for() -> None:
    for board in BOARDS.values():
        text = json.dumps(board.json()["panels"], ensure_ascii=False)
        assert ("$house" in text) == bool(board.houses), board.uid
