"""The `eventsourcing` library's PostgresApplicationRecorder, as its `insert_events` is called by an application."""

import json

from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from bench.peers.work import Slot, asked, driven_by_threads, tell


def main() -> None:
    given = asked()
    place = conninfo_to_dict(given["dsn"])
    datastore = PostgresDatastore(
        dbname=place["dbname"], host=place["host"], port=place.get("port", "5432"), user=place["user"],
        password=place.get("password", ""), pool_size=given["threads"], max_overflow=4,
        enable_db_functions=given["functions"],
    )  # fmt: skip
    recorder = PostgresApplicationRecorder(datastore)
    recorder.create_table()

    def append(slot: Slot, events: list[dict[str, object]]) -> None:
        recorder.insert_events(
            [
                StoredEvent(slot.stream, slot.version + number, "bench.Marked", json.dumps(facts).encode())
                for number, facts in enumerate(events, 1)
            ]
        )

    tell(driven_by_threads(append, given["threads"], given["seconds"]))
    datastore.close()


if __name__ == "__main__":
    main()
