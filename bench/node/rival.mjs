// Emmett's event store, measured as its documentation uses it: `node rival.mjs PLACE SINGLES BATCHED`, PLACE a file or a postgresql:// URL.
// One JSON object on stdout: events a second by what was done.

const [place, singles, batched] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const isPostgres = place.startsWith("postgresql://");
const FIRST_MS = 1_760_000_000_000;
const UPSERT =
  "INSERT INTO shown (id, document) VALUES (%id, %document) ON CONFLICT (id) DO UPDATE SET document = excluded.document";

/** About 300 bytes as it is stored, like the ledger's. */
const event = (index) => ({
  type: "DirectorEventRecorded",
  data: {
    timestampMs: FIRST_MS + index * 100,
    eventType: index % 20 ? "bar_fire" : "cut",
    cameraId: `cam-${index % 4}`,
    reason: "the phrase opened and the hero was still in her light",
    score: 0.5,
    metadata: { bar: index, beat: index % 4, section: "build", confidence: 0.75, source: "motion", take: index % 7 },
  },
});

const open = async () => {
  if (!isPostgres) {
    const { getSQLiteEventStore } = await import("@event-driven-io/emmett-sqlite");
    return getSQLiteEventStore({ fileName: place, schema: { autoMigration: "CreateOrUpdate" } });
  }
  const { getPostgreSQLEventStore } = await import("@event-driven-io/emmett-postgresql");
  return getPostgreSQLEventStore(place);
};

const store = await open();
let streams = 0;
let queue = Promise.resolve();

/** Its connections to SQLite refuse each other at once (SQLITE_BUSY): there, writers that ask together wait in line. */
const stored = (stream, events) => {
  if (isPostgres) return store.appendToStream(stream, events);
  queue = queue.then(() => store.appendToStream(stream, events));
  return queue;
};

/** So many writers, each with a stream of its own, each asking again once it was answered. */
const append = async (writers, batch, events) => {
  let left = Math.ceil(events / batch);
  const round = `s${streams++}`;
  const write = async (writer) => {
    while (left-- > 0) await stored(`${round}-${writer}`, Array.from({ length: batch }, (_, at) => event(at)));
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  return (Math.ceil(events / batch) * batch) / ((performance.now() - begun) / 1000);
};

const read = async () => {
  // A thousand at a time: an SQLite that was built without its download takes no more places in one statement.
  for (let first = 0; first < batched; first += 1000)
    await store.appendToStream("read", Array.from({ length: Math.min(1000, batched - first) }, (_, at) => event(first + at)));
  const begun = performance.now();
  const { events } = await store.readStream("read");
  return events.length / ((performance.now() - begun) / 1000);
};

/** All events so far into one table, one upsert an event, as its raw SQL projections do. */
const project = async () => {
  const last = event(-1);
  last.type = "Last";
  await store.appendToStream("end", [last]);
  let count = 0;
  const row = ({ metadata, data, type }) => {
    count += 1;
    return { id: `${metadata.streamName}:${metadata.streamPosition}`, document: JSON.stringify(data), type };
  };
  const stopAfter = (message) => message.type === "Last";
  const canHandle = ["DirectorEventRecorded", "Last"];
  const create = "CREATE TABLE IF NOT EXISTS shown (id TEXT PRIMARY KEY, document TEXT NOT NULL)";
  const consumer = store.consumer({ pulling: { batchSize: 1000 }, stopWhen: { noMessagesLeft: true } });
  if (isPostgres) {
    const { SQL } = await import("@event-driven-io/dumbo");
    const { postgreSQLRawSQLProjection } = await import("@event-driven-io/emmett-postgresql");
    consumer.projector({
      processorId: "shown",
      stopAfter,
      projection: postgreSQLRawSQLProjection({
        name: "shown",
        canHandle,
        init: () => SQL`CREATE TABLE IF NOT EXISTS shown (id TEXT PRIMARY KEY, document TEXT NOT NULL)`,
        evolve: (message) => {
          const { id, document } = row(message);
          return SQL`INSERT INTO shown (id, document) VALUES (${id}, ${document})
            ON CONFLICT (id) DO UPDATE SET document = excluded.document`;
        },
      }),
    });
  } else {
    const quoted = (text) => `'${text.replaceAll("'", "''")}'`;
    const { sqliteConnection, sqliteRawSQLProjection } = await import("@event-driven-io/emmett-sqlite");
    const connection = sqliteConnection({ fileName: place });
    await connection.command(create);
    connection.close();
    consumer.processor({
      processorId: "shown",
      stopAfter,
      projection: sqliteRawSQLProjection({
        canHandle,
        evolve: (message) => {
          const { id, document } = row(message);
          return UPSERT.replace("%id", quoted(id)).replace("%document", quoted(document));
        },
      }),
    });
  }
  const begun = performance.now();
  await consumer.start();
  const seconds = (performance.now() - begun) / 1000;
  await consumer.close();
  return count / seconds;
};

const measures = {};
for (const writers of [1, 8, 64]) measures[`single ${writers}`] = await append(writers, 1, singles);
for (const batch of [100, 1000]) measures[`batch ${batch}`] = await append(1, batch, batched);
measures.read = await read();
measures.project = await project();
console.log(JSON.stringify(measures));
await store.close?.();
process.exit(0);
