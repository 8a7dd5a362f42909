"""Makes what the houses need before they start: roles, databases, schemas, topics. Safe to repeat, also by several at once."""

from collections.abc import Mapping

from ocop.databases import HouseDatabase, prepare
from ocop.postgres import Server
from ocop.standalone import ROOMS
from shared.bus.topics import make_topics
from shared.eventstore.migrate import migrate
from shared.logs import log
from shared.settings import BadSetting, Settings


async def prepare_all(settings: Settings) -> Mapping[str, HouseDatabase]:
    """The databases by house. Raises BadSetting where no server is named; asyncpg's and Kafka's errors."""
    if not settings.database_url:
        raise BadSetting("OCOP_DATABASE_URL: the administrator's access to PostgreSQL is not named")
    found = await prepare(Server(settings.database_url), ROOMS)
    for house, rooms in ROOMS.items():
        await migrate(found[house].owner_dsn, found[house].server_role, rooms.room)
    if settings.kafka:
        log.info("topics", made=await make_topics(settings.kafka))
    return found
