"""Every metric of the program, declared in one place, on a registry of its own. `docs/reference/metrics.md` is made of it."""

from importlib.metadata import version

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

from shared import units
from shared.contracts.topics import ALL_TOPICS, HOUSES
from shared.measures import ALL, HOUSE, Declarations, Label, fixed
from shared.regulation import limits

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)
DECLARED = Declarations(REGISTRY)
counter, gauge, histogram = DECLARED.counter, DECLARED.gauge, DECLARED.histogram

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
PORTAL = "portal"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
UNKNOWN_ROUTE = "unknown"
DOSSIER_STATES = (
    "submitted", "returned", "forwarded", "addition-requested", "in-assessment", "referred", "recognised",
    "not-recognised", "stopped", "rejected", "not-assessed", "ranked",
)  # fmt: skip
CERTIFICATE_STATUSES = ("valid", "expiring_180", "expiring_120", "expiring_30", "expired", "revoked", "replaced")
KINDS = ("refused", "malformed", "failed", "queued", "unreadable")  # of messages that are held
BROKER, DATABASE, FENCED, AHEAD, FAILED = "broker", "database", "fenced", "ahead", "failed"  # why a relay stopped
RELAY_REASONS = (BROKER, DATABASE, FENCED, AHEAD, FAILED)
RETRY_OUTCOMES = ("done", "refused", "malformed", "failed", "repeat")
SNAPSHOT_OUTCOMES = ("taken", "failed", "damaged")
TAKEN_OUTCOMES = ("done", "refused", "malformed", "failed", "skipped", "repeat")
WORKER = ("worker",)


def partitions() -> frozenset[str]:
    return frozenset(str(n) for topic in ALL_TOPICS for n in range(topic.partitions))


def provinces() -> frozenset[str]:
    """The code of every province of both maps, and of the nation."""
    return frozenset(units.codes("province")) | {"TW"}


def statuses() -> frozenset[str]:
    return frozenset(str(n) for n in range(100, 600))


house = fixed("house", *HOUSES)
served = fixed("house", *HOUSES, PORTAL)
source = fixed("source", *HOUSES)
topic = fixed("topic", *(topic.name for topic in ALL_TOPICS))
partition = Label("partition", "`0` to one less than the topic's partitions", partitions)
command = Label("command", "the house's commands, as its OpenAPI document names them", most=400)
refusal = Label("outcome", "`ok`, `repeat`, `failed` (an internal error), or the rule that said no", most=400)
view = Label("view", "the house's views", most=100)
limit = fixed("limit", *limits.NAMES)
kind = fixed("kind", *limits.NAMES)
timed = fixed("outcome", "done", "failed", "refused")
check = Label("check", "what `/readyz` looks at: `database`, `relay`, `consumers`, `progress`, `houses`", most=20)
consumer = Label("consumer", "`<house>.reactions` and `<house>.<view>`", most=100)
method = fixed("method", *METHODS)
route = Label("route", "templates as in the OpenAPI document, such as `/dossiers/{id}`; `unknown` where none fits")
status = Label("status", "the answer's HTTP status, three digits", statuses)
province = Label("province", "province codes of both maps, `TW` for the nation", provinces)

# --- commands and their appends ---

COMMANDS = counter(
    "ocop_commands_total", "Commands by outcome", house, command, refusal, unit="commands", on=HOUSE
)  # fmt: skip
COMMAND_SECONDS = histogram(
    "ocop_command_seconds", "From the door to the answer, commit included", house, command,
    unit="seconds", on=HOUSE, buckets=SECONDS,
)  # fmt: skip
APPEND_GROUP = histogram(
    "ocop_append_group_commands", "Commands in one flush of the store", unit="commands", on=HOUSE,
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
)  # fmt: skip
APPEND_SECONDS = histogram(
    "ocop_append_seconds", "One flush of the store, commit included", unit="seconds", on=HOUSE, buckets=SECONDS
)
APPEND_QUEUE = gauge(
    "ocop_append_queue", "Commands that wait for the next flush", house, unit="commands", on=HOUSE
)  # fmt: skip
SNAPSHOTS = counter(
    "ocop_snapshots_total", "Snapshots of long aggregates: taken, not to be taken, or passed over since they are damaged",
    house, fixed("outcome", *SNAPSHOT_OUTCOMES), unit="snapshots", on=HOUSE,
)  # fmt: skip
APPENDED = counter("ocop_appended_events_total", "Events stored", house, unit="events", on=HOUSE)

# --- the relay: from a house's store to its topic ---

RELAY_LEADER = gauge(
    "ocop_relay_leader", "1 where this process leads the relay of the house, else 0", house, unit="0 or 1", on=WORKER
)
RELAY_POSITION = gauge(
    "ocop_relay_position", "Last position of the store that the topic has", house, unit="position", on=WORKER
)
RELAY_LAG_EVENTS = gauge(
    "ocop_relay_lag_events", "Positions of the store that the topic does not have yet", house, unit="events", on=WORKER
)
RELAY_LAG_SECONDS = gauge(
    "ocop_relay_lag_seconds", "Since the first of them was seen in the store", house, unit="seconds", on=WORKER
)
RELAY_SENT = counter("ocop_relay_sent_total", "Contracts written to the topic", house, unit="messages", on=WORKER)
RELAY_FAILURES = counter(
    "ocop_relay_failures_total", "Batches that could not be written and are tried again", house,
    fixed("reason", *RELAY_REASONS), unit="batches", on=WORKER,
)  # fmt: skip

# --- consumers: from the topics to reactions and views of another house's facts ---

CONSUMER_LAG = gauge(
    "ocop_consumer_lag_messages", "Messages of the partition that the consumer has not taken yet", house, consumer, topic,
    partition, unit="messages", on=WORKER,
)  # fmt: skip
CONSUMER_LAG_SECONDS = gauge(
    "ocop_consumer_lag_seconds", "Age of the oldest message of the partition that the consumer has not taken yet",
    house, consumer, topic, partition, unit="seconds", on=WORKER,
)  # fmt: skip
CONSUMER_ASSIGNED = gauge(
    "ocop_consumer_assigned", "Partitions of the topic that this process reads for the consumer", house, consumer,
    topic, unit="partitions", on=WORKER,
)  # fmt: skip
DELIVERED = counter(
    "ocop_delivered_total", "Messages handed to a consumer", consumer, source,
    fixed("outcome", *TAKEN_OUTCOMES), unit="messages", on=WORKER,
)  # fmt: skip
DUPLICATES = counter(
    "ocop_inbox_duplicates_total", "Messages that came again and had no second effect", house, source,
    unit="messages", on=WORKER,
)  # fmt: skip
RETRIES = counter(
    "ocop_retries_total", "Held messages tried again", house,
    fixed("outcome", *RETRY_OUTCOMES), unit="messages", on=WORKER,
)  # fmt: skip
HELD = gauge(
    "ocop_held_messages", "Messages that wait for their next try, or are dead and wait for a person", house,
    fixed("state", "waiting", "dead"), unit="messages", on=WORKER,
)  # fmt: skip
DEAD_LETTERS = gauge(
    "ocop_dead_letters", "Messages that wait for a person, by what is wrong with them", house, fixed("reason", *KINDS),
    unit="messages", on=WORKER,
)  # fmt: skip
DEAD_LETTER_OLDEST = gauge(
    "ocop_dead_letter_oldest_seconds", "Since the oldest dead letter was held; 0 where there is none", house,
    unit="seconds", on=WORKER,
)  # fmt: skip

# --- views and the house's clock ---

VIEW_POSITION = gauge(
    "ocop_view_position", "Last position of the source that the view has applied", house, view, source,
    unit="position", on=WORKER,
)  # fmt: skip
VIEW_LAG_EVENTS = gauge(
    "ocop_view_lag_events", "Positions of the source that the view has not applied yet", house, view, source,
    unit="events", on=WORKER,
)  # fmt: skip
VIEW_LAG_SECONDS = gauge(
    "ocop_view_lag_seconds", "Since the first of them was seen", house, view, source, unit="seconds", on=WORKER
)
VIEW_PARKED_SECONDS = gauge(
    "ocop_view_parked_seconds", "Since the view stands before an event that it cannot take; 0 where it goes on",
    house, view, unit="seconds", on=WORKER,
)  # fmt: skip
REBUILD_PROGRESS = gauge(
    "ocop_rebuild_progress_ratio", "How much of its source a view has applied: 1 when it is whole", house, view,
    unit="ratio", on=WORKER,
)  # fmt: skip
TIMED = counter(
    "ocop_timed_total", "What a house's clock did, by limit", house, limit, timed, unit="acts", on=WORKER
)  # fmt: skip

# --- HTTP ---

HTTP_REQUESTS = counter(
    "ocop_http_requests_total", "Requests answered", served, method, route, status, unit="requests", on=ALL
)
HTTP_SECONDS = histogram(
    "ocop_http_seconds", "From a request's arrival to its answer", served, method, route, status,
    unit="seconds", on=ALL, buckets=SECONDS,
)  # fmt: skip
HTTP_IN_PROGRESS = gauge("ocop_http_in_progress", "Requests at work", served, unit="requests", on=ALL)

# --- the programme: what the houses know, from their views, at most some seconds old ---

DOSSIERS = gauge(
    "ocop_dossiers", "Dossiers by where they stand", fixed("state", *DOSSIER_STATES), province, unit="dossiers",
    on=WORKER,
)  # fmt: skip
OVERDUE = gauge(
    "ocop_overdue_deadlines", "Deadlines that are past and not met", house, kind, unit="deadlines", on=WORKER
)
CERTIFICATES = gauge(
    "ocop_certificates", "Certificates as of today; each is counted once, under the nearest of its expiries",
    fixed("status", *CERTIFICATE_STATUSES), unit="certificates", on=WORKER,
)  # fmt: skip

# --- the program itself ---

READY = gauge(
    "ocop_ready", "1 where the check of `/readyz` found nothing wrong, else 0", check, unit="0 or 1", on=ALL
)  # fmt: skip

BUILD = gauge("ocop_build_info", "Always 1; the version that runs", Label("version", "one"), unit="1", on=ALL)
BUILD.labels(version("ocop")).set(1)
