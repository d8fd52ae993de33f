// The clients of npm `convex` as they are, on a server that is really running: only the URL is the ledger's.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ConvexClient, ConvexHttpClient } from "convex/browser";
import { anyApi } from "convex/server";
import { ConvexError } from "convex/values";

const { production } = anyApi;
const url = process.env.LEDGER_TEST_URL;

/** The values that a subscription shows, as they come; `next()` waits for the next that meets a condition. */
function watched(client, query, args) {
  const seen = [];
  let woken = () => {};
  const stop = client.onUpdate(query, args, (value) => {
    seen.push(value);
    woken();
  }, (error) => {
    seen.push(error);
    woken();
  });
  const next = async (condition) => {
    for (;;) {
      const found = seen.find(condition);
      if (found !== undefined) return found;
      await new Promise((resolve) => { woken = resolve; });
    }
  };
  return { seen, next, stop };
}

async function withClient(use) {
  const client = new ConvexClient(url);
  try {
    await use(client);
  } finally {
    await client.close();
  }
}

const start = (client, more = {}) =>
  client.mutation(production.startProductionSession, { sessionType: "music_demo", ...more });

test("a query, a mutation, and an error with its data over HTTP", async () => {
  const http = new ConvexHttpClient(url);
  const sessionId = await start(http, { title: "é, \u{1F3AC}" });
  const session = await http.query(production.getProductionSession, { sessionId });
  assert.equal(session._id, sessionId);
  assert.equal(session.title, "é, \u{1F3AC}");
  await assert.rejects(http.query(production.getProductionTimeline, { sessionId: "s9" }), (error) => {
    assert(error instanceof ConvexError);
    assert.equal(error.data.code, "not_found");
    return true;
  });
});

test("consistent queries are answered of the moment of the first", async () => {
  const http = new ConvexHttpClient(url);
  const sessionId = await start(http, { title: "before" });
  const asked = () => http.consistentQuery(production.getProductionTimeline, { sessionId });
  const first = await asked();
  await new ConvexHttpClient(url).mutation(production.appendDirectorEvent, { sessionId, timestampMs: 1, eventType: "cut" });
  assert.deepEqual(await asked(), first);
  assert.deepEqual(await http.consistentQuery(production.getProductionSession, { sessionId }), first.session);
  assert.equal((await http.query(production.getProductionTimeline, { sessionId })).directorEvents.length, 1);
});

test("a subscription shows its own writes when the mutation has resolved", () => withClient(async (client) => {
  const sessionId = await start(client);
  const timeline = watched(client, production.getProductionTimeline, { sessionId });
  await timeline.next((value) => value.session._id === sessionId);
  for (let at = 0; at < 10; at += 1) {
    const id = await client.mutation(production.appendDirectorEvent, { sessionId, timestampMs: at, eventType: "cut" });
    assert.equal(timeline.seen.at(-1).directorEvents.at(-1)._id, id);
  }
}));

test("what another client writes is shown", () => withClient(async (watching) => {
  await withClient(async (writing) => {
    const sessionId = await start(writing);
    const stills = watched(watching, production.listStillCandidates, { sessionId });
    await stills.next((value) => value.length === 0);
    await writing.mutation(production.createStillCandidate, { sessionId, cameraId: "a", timestampMs: 1.5, score: 0.25 });
    const [still] = await stills.next((value) => value.length === 1);
    assert.equal(still.score, 0.25);
    assert.equal(still.timestampMs, 1.5);
  });
}));

test("an optimistic update is shown at once, and gives way without flickering", () => withClient(async (client) => {
  const sessionId = await start(client, { title: "before" });
  const session = watched(client, production.getProductionSession, { sessionId });
  await session.next((value) => value.title === "before");
  await client.mutation(production.updateProductionSession, { sessionId, title: "after" }, {
    optimisticUpdate: (store) => {
      const value = store.getQuery(production.getProductionSession, { sessionId });
      store.setQuery(production.getProductionSession, { sessionId }, { ...value, title: "after" });
    },
  });
  const titles = session.seen.map((value) => value.title);
  assert.deepEqual(titles.filter((title, at) => title !== titles[at - 1]), ["before", "after"]);
}));

test("errors have their data, in mutations, actions and subscriptions", () => withClient(async (client) => {
  const refused = { sessionId: "s9", timestampMs: 1, eventType: "cut" };
  await assert.rejects(client.mutation(production.appendDirectorEvent, refused), (error) => error.data.code === "not_found");
  await assert.rejects(client.action(production.nothing, {}), (error) => error.data.code === "not_found");
  const failing = watched(client, production.getProductionTimeline, { sessionId: "s9" });
  const error = await failing.next((value) => value instanceof Error);
  assert.equal(error.data.field, "sessionId");
}));

test("what JSON has no word for is refused by the name of its field", () => withClient(async (client) => {
  const sessionId = await start(client);
  for (const odd of [1n, new ArrayBuffer(3), NaN, -0, Infinity]) {
    const args = { sessionId, metadata: { deep: [odd] } };
    await assert.rejects(client.mutation(production.updateProductionSession, args), (error) => {
      assert.equal(error.data.code, "invalid");
      assert.equal(error.data.field, "metadata.deep[0]");
      return true;
    });
  }
  const metadata = { whole: 5, part: 0.1, large: 2 ** 53, none: null, text: "\u2028", list: [[], {}] };
  await client.mutation(production.updateProductionSession, { sessionId, metadata });
  const session = await client.query(production.getProductionSession, { sessionId });
  assert.deepEqual(session.metadata, metadata);
}));

test("an answer of several megabytes comes in chunks", () => withClient(async (client) => {
  const sessionId = await start(client);
  const timeline = watched(client, production.getProductionTimeline, { sessionId });
  await timeline.next((value) => value.directorEvents.length === 0);
  const metadata = "é".repeat(200_000);
  const events = Array.from({ length: 30 }, (_, at) => ({ timestampMs: at, eventType: "cut", metadata }));
  await client.mutation(production.appendDirectorEventsBatch, { sessionId, events });
  assert.equal(timeline.seen.at(-1).directorEvents.length, 30);
  assert.equal(timeline.seen.at(-1).directorEvents[29].metadata, metadata);
}));
