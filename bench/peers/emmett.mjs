// Emmett on PostgreSQL: appendToStream with the version that is expected. Argument: {dsn, seconds, pool, home, note}.
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import path from "node:path";

const given = JSON.parse(process.argv[2]);
const require = createRequire(path.join(given.home, "package.json"));
const { getPostgreSQLEventStore } = require("@event-driven-io/emmett-postgresql");
const pg = require("pg");

const padded = (n, width) => String(n).padStart(width, "0");
const factsOf = (n) => ({
  dossier_id: `D-${padded(n, 12)}`, producer: `producer-${padded(n % 9345, 5)}`, criterion: n % 26, option: n % 104,
  score: (n % 41) / 2, member: `council-member-${padded(n % 11, 2)}`,
  at: `2026-05-${padded((n % 28) + 1, 2)}T08:${padded(n % 60, 2)}:00Z`, note: given.note,
});
const now = () => performance.now() / 1000;

const pool = new pg.Pool({ connectionString: given.dsn, max: given.pool });
const store = getPostgreSQLEventStore(given.dsn, { connectionOptions: { pool } });
await store.schema.migrate();

async function driven(seconds) {
  const taken = [], begun = now();
  let events = 0;
  await Promise.all(Array.from({ length: given.at_once }, async (_, slot) => {
    let n = slot * 1_000_000, left = 0, stream, version;
    while (now() - begun < seconds) {
      const start = now();
      if (left-- === 0) [stream, version, left] = [`dossier-${randomUUID()}`, 0n, given.commands_per_stream - 1];
      const size = 1 + Math.floor(Math.random() * 3);
      const batch = Array.from({ length: size }, () => ({ type: "Marked", data: factsOf(n++) }));
      const done = await store.appendToStream(stream, batch,
        { expectedStreamVersion: version === 0n ? "STREAM_DOES_NOT_EXIST" : version });
      version = done.nextExpectedStreamVersion;
      taken.push(now() - start);
      events += size;
    }
  }));
  const wall = now() - begun;
  taken.sort((a, b) => a - b);
  return { events_s: events / wall, p50_ms: taken[taken.length >> 1] * 1e3,
    p99_ms: taken[Math.floor(taken.length * 0.99)] * 1e3 };
}

await driven(Math.min(1, given.seconds));
console.log(JSON.stringify(await driven(given.seconds)));
process.exit(0);
