"""The eventsourcing library: events by Application.save, into a counting table by ProjectionRunner; each round goes on."""

import os
import sys
import time

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL

from bench.peers.work import facts_of

PER_COMMAND = 100
SECONDS = 5.0  # of one round


class Dossier(Aggregate):
    @event("Opened")
    def __init__(self, data: dict):
        self.marks = 0

    @event("Marked")
    def mark(self, data: dict):
        self.marks += 1


class Dossiers(Application):
    pass


class CountView(PostgresTrackingRecorder):
    def __init__(self, datastore, **kw):
        super().__init__(datastore, **kw)
        self.sql_create_statements.append(
            SQL("CREATE TABLE IF NOT EXISTS counts (k text PRIMARY KEY, n bigint)").format()
        )

    def add(self, key, tracking):
        with self.datastore.transaction(commit=True) as curs:
            self._insert_tracking(curs, tracking)
            curs.execute(
                "INSERT INTO counts VALUES (%s, 1) ON CONFLICT (k) DO UPDATE SET n = counts.n + 1", (key,), prepare=True
            )


class Counting(Projection[CountView]):
    def process_event(self, domain_event, tracking):
        self.view.add(domain_event.data["member"], tracking)


def fill(app, events):
    for first in range(0, events, PER_COMMAND):
        dossier = Dossier(facts_of(first))
        for n in range(1, min(PER_COMMAND, events - first)):
            dossier.mark(facts_of(first + n))
        app.save(dossier)


def one_round(env):
    with ProjectionRunner(
        application_class=Dossiers, projection_class=Counting, view_class=CountView, env=env
    ) as runner:  # fmt: skip
        at = runner.view.max_tracking_id("Dossiers") or 0
        begun = time.perf_counter()
        time.sleep(SECONDS)
        gone = (runner.view.max_tracking_id("Dossiers") or 0) - at
        return gone / (time.perf_counter() - begun)


def main():
    host, port, user, database, events = sys.argv[1:]
    env = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres", "POSTGRES_DBNAME": database, "POSTGRES_HOST": host,
        "POSTGRES_PORT": port, "POSTGRES_USER": user, "POSTGRES_PASSWORD": "",
    }  # fmt: skip
    os.environ.update(env)
    app = Dossiers(env)
    fill(app, int(events))
    print("ready", flush=True)
    while sys.stdin.readline():
        print(one_round(env), flush=True)
    app.close()


main()
