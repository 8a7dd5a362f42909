"""Panels and dashboards in Grafana's classic JSON model (schema 41, Grafana 12), from the few things that differ."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

SOURCE = {"type": "prometheus", "uid": "prometheus"}
SCHEMA = 41
WIDTH = 24  # columns of a dashboard
HEIGHT = {"timeseries": 8, "stat": 5, "bargauge": 8, "table": 9, "alertlist": 8}
MADE = "Made by `python -m deploy.grafana`; do not edit here"

Kind = Literal["timeseries", "stat", "bargauge", "table", "alertlist"]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Query:
    """PromQL, and what its lines are called: a template of labels, `{{house}}`."""

    expr: str
    legend: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture. `todo_*` says what to do about it; `alert` names the alert that watches the same thing.

    Red from `red_from` upwards, or below `red_below`; both are the alert's own number.
    """

    vi: str
    en: str
    todo_vi: str
    todo_en: str
    unit: str
    queries: tuple[Query, ...] = ()
    kind: Kind = "timeseries"
    width: int = 8
    alert: str | None = None
    red_from: float | None = None
    red_below: float | None = None
    stacked: bool = False

    def about(self, words: dict[str, str]) -> "Panel":
        """The same panel with each `<word>` of its expressions replaced."""
        return replace(self, queries=tuple(Query(filled(q.expr, words), q.legend) for q in self.queries))


@dataclass(frozen=True, slots=True)
class Section:
    """A row of panels under one heading."""

    vi: str
    en: str
    panels: tuple[Panel, ...]

    def about(self, words: dict[str, str]) -> "Section":
        return replace(self, panels=tuple(panel.about(words) for panel in self.panels))


@dataclass(frozen=True, slots=True)
class Board:
    """A dashboard: `uid` is its file's name and its address; `houses` are offered in a variable, none without."""

    uid: str
    vi: str
    en: str
    about_vi: str
    about_en: str
    sections: tuple[Section, ...]
    houses: tuple[str, ...] = ()

    def json(self) -> Json:
        return {
            "uid": self.uid,
            "title": f"OCOP – {self.vi} / {self.en}",
            "description": f"{self.about_vi}\n\n{self.about_en}\n\n{MADE}",
            "tags": ["ocop"],
            "schemaVersion": SCHEMA,
            "version": 1,
            "editable": False,
            "graphTooltip": 1,
            "timezone": "Asia/Ho_Chi_Minh",
            "refresh": "30s",
            "time": {"from": "now-1h", "to": "now"},
            "templating": {"list": [variable(self.houses)] if self.houses else []},
            "annotations": {"list": [restarts()]},
            "links": [
                {"type": "dashboards", "tags": ["ocop"], "asDropdown": True, "title": "OCOP", "includeVars": False,
                 "keepTime": True, "targetBlank": False, "icon": "external link", "url": "", "tooltip": ""},
            ],
            "panels": laid_out(self.sections),
        }  # fmt: skip


def filled(expr: str, words: dict[str, str]) -> str:
    for word, text in words.items():
        expr = expr.replace(f"<{word}>", text)
    return expr


def variable(houses: Sequence[str]) -> Json:
    """`$house`: one, several or all of the houses; they are known, so nothing is asked for."""
    return {
        "name": "house",
        "label": "Nhà / House",
        "type": "custom",
        "query": ",".join(houses),
        "options": [],
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
        "hide": 0,
    }


def restarts() -> Json:
    """A line in every picture where a process began."""
    return {
        "name": "Khởi động lại / Restarts",
        "datasource": SOURCE,
        "enable": True,
        "hide": False,
        "iconColor": "blue",
        "expr": 'changes(process_start_time_seconds{job="ocop"}[1m]) > 0',
        "titleFormat": "{{process}}",
        "step": "60s",
    }


def laid_out(sections: Iterable[Section]) -> list[Json]:
    """Sections one below the other, panels from left to right; ids count up, so the text stays as it is."""
    found: list[Json] = []
    y = 0
    for section in sections:
        found.append(heading(section, len(found) + 1, y))
        y, x, tallest = y + 1, 0, 0
        for panel in section.panels:
            height = HEIGHT[panel.kind]
            if x + panel.width > WIDTH:
                y, x, tallest = y + tallest, 0, 0
            place = {"h": height, "w": panel.width, "x": x, "y": y}
            found.append(drawn(panel, len(found) + 1, place))
            x, tallest = x + panel.width, max(tallest, height)
        y += tallest
    return found


def heading(section: Section, id: int, y: int) -> Json:
    place = {"h": 1, "w": WIDTH, "x": 0, "y": y}
    title = f"{section.vi} / {section.en}"
    return {"id": id, "type": "row", "title": title, "collapsed": False, "gridPos": place, "panels": []}


def drawn(panel: Panel, id: int, place: dict[str, int]) -> Json:
    runbook = f"\n\ndocs/runbooks/{panel.alert}.md" if panel.alert else ""
    return {
        "id": id,
        "type": panel.kind,
        "title": f"{panel.vi} / {panel.en}",
        "description": f"{panel.todo_vi}\n\n{panel.todo_en}{runbook}",
        "datasource": SOURCE,
        "gridPos": place,
        "targets": [target(panel, query, "ABCDEFGH"[i]) for i, query in enumerate(panel.queries)],
        "fieldConfig": {"defaults": defaults(panel), "overrides": []},
        "options": OPTIONS[panel.kind],
        "transformations": WITHOUT_TIME if panel.kind == "table" else [],
    }


def target(panel: Panel, query: Query, ref: str) -> Json:
    at_once = panel.kind in {"table", "bargauge"}
    return {
        "refId": ref,
        "datasource": SOURCE,
        "editorMode": "code",
        "expr": query.expr,
        "legendFormat": query.legend,
        "instant": at_once,
        "range": not at_once,
        "format": "table" if panel.kind == "table" else "time_series",
    }


def defaults(panel: Panel) -> Json:
    coloured = panel.red_from is not None or panel.red_below is not None
    common: Json = {
        "unit": panel.unit,
        "min": 0,
        "noValue": "không có số liệu / no data",
        "color": {"mode": "palette-classic" if panel.kind == "timeseries" or not coloured else "thresholds"},
        "thresholds": {"mode": "absolute", "steps": steps(panel)},
    }
    if panel.kind == "timeseries":
        common["custom"] = {
            "drawStyle": "line",
            "lineWidth": 1,
            "fillOpacity": 30 if panel.stacked else 5,
            "showPoints": "never",
            "spanNulls": False,
            "stacking": {"mode": "normal" if panel.stacked else "none", "group": "A"},
            "thresholdsStyle": {"mode": "dashed" if coloured else "off"},
        }
    return common


def steps(panel: Panel) -> list[Json]:
    if panel.red_below is not None:
        return [{"color": "red", "value": None}, {"color": "green", "value": panel.red_below}]
    if panel.red_from is not None:
        return [{"color": "green", "value": None}, {"color": "red", "value": panel.red_from}]
    return [{"color": "green", "value": None}]


LAST = {"calcs": ["lastNotNull"], "fields": "", "values": False}
OPTIONS: dict[Kind, Json] = {
    "timeseries": {
        "legend": {"displayMode": "table", "placement": "bottom", "showLegend": True, "calcs": ["lastNotNull", "max"]},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
    "stat": {
        "reduceOptions": LAST, "colorMode": "background", "graphMode": "area", "textMode": "value_and_name",
        "justifyMode": "auto", "orientation": "auto", "wideLayout": True,
    },
    "bargauge": {
        "reduceOptions": LAST, "displayMode": "gradient", "orientation": "horizontal", "showUnfilled": True,
        "valueMode": "color",
    },
    "table": {"showHeader": True, "cellHeight": "sm"},
    "alertlist": {
        "alertListOptions": {}, "viewMode": "list", "groupMode": "default", "sortOrder": 3, "maxItems": 30,
        "datasource": "Prometheus", "alertName": "", "dashboardAlerts": False,
        "stateFilter": {"firing": True, "pending": True, "noData": True, "error": True, "normal": False},
    },
}  # fmt: skip
WITHOUT_TIME: list[Json] = [{"id": "organize", "options": {"excludeByName": {"Time": True}}}]
