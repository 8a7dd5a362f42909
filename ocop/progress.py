"""Bars of long work on standard error: how much of it, how fast, how long still."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

console = Console(stderr=True)


class Rate(ProgressColumn):
    """Steps a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "–/s", style="progress.data.speed")


def bars() -> Progress:
    """Gone when the work is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True)


class Bar:
    """One line of them; it begins when its length is known."""

    def __init__(self, progress: Progress, what: str) -> None:
        self._progress, self._task, self._total = progress, progress.add_task(what, total=None), 0

    def begins(self, total: int) -> None:
        """So many steps more."""
        self._total += total
        self._progress.update(self._task, total=self._total)

    def tell(self, steps: int) -> None:
        self._progress.advance(self._task, steps)

    def gone(self) -> None:
        self._progress.remove_task(self._task)
