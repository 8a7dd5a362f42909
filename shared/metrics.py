"""Every metric of the program, declared in one place."""

from prometheus_client import Counter, Gauge, Histogram

COMMANDS = Counter("ocop_commands_total", "Commands by outcome", ["house", "command", "outcome"])
COMMAND_SECONDS = Histogram("ocop_command_seconds", "From the door to the answer", ["house", "command"])
APPEND_GROUP = Histogram(
    "ocop_append_group_commands", "Commands in one flush", buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256)
)
APPEND_SECONDS = Histogram("ocop_append_seconds", "One flush, commit included")
DELIVERED = Counter("ocop_delivered_total", "Contracts handed to a consumer", ["consumer", "source", "outcome"])
TIMED = Counter("ocop_timed_total", "What a house's clock did, by limit", ["house", "limit", "outcome"])
HELD = Gauge("ocop_held_messages", "Messages that wait or are dead", ["house", "state"])
VIEW_POSITION = Gauge("ocop_view_position", "Last position that a view has applied", ["house", "view"])
HTTP_SECONDS = Histogram("ocop_http_seconds", "Requests by route", ["house", "method", "route", "status"])
