"""Writes the dashboards: `python -m deploy.grafana`."""

from deploy.grafana.boards import write

write()
