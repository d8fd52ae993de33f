// React's hooks under jsdom, on a server that is really running.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { JSDOM } from "jsdom";

const page = new JSDOM("<div id=root></div>", { url: "http://localhost/" });
Object.assign(globalThis, {
  window: page.window, document: page.window.document, WebSocket: page.window.WebSocket, IS_REACT_ACT_ENVIRONMENT: true,
});
globalThis.navigator ??= page.window.navigator; // newer versions of Node have one
const { act, createElement: h } = await import("react");
const { createRoot } = await import("react-dom/client");
const { ConvexProvider, ConvexReactClient, useAction, useMutation, usePaginatedQuery, useQuery } = await import("convex/react");
const { anyApi } = await import("convex/server");

const { production, videos } = anyApi;
const client = new ConvexReactClient(process.env.LEDGER_TEST_URL);
after(() => client.close());

/** Shows what a hook gives, and keeps it: `now()` is the latest. */
async function shown(useIt) {
  let latest;
  function Shown() {
    latest = useIt();
    return null;
  }
  const root = createRoot(page.window.document.createElement("div"));
  await act(async () => root.render(h(ConvexProvider, { client }, h(Shown))));
  return {
    now: () => latest,
    until: async (condition) => {
      for (let turn = 0; turn < 500; turn += 1) {
        if (condition(latest)) return latest;
        await act(async () => { await new Promise((resolve) => { setTimeout(resolve, 10); }); });
      }
      throw new assert.AssertionError({ message: `never so: ${JSON.stringify(latest)}` });
    },
    end: () => act(async () => root.unmount()),
  };
}

const started = () => client.mutation(production.startProductionSession, { sessionType: "music_demo" });
const cut = (sessionId, at) =>
  client.mutation(production.appendDirectorEvent, { sessionId, timestampMs: at, eventType: "cut" });

test("useQuery shows what changes", async () => {
  const sessionId = await started();
  const timeline = await shown(() => useQuery(production.getProductionTimeline, { sessionId }));
  await timeline.until((value) => value?.directorEvents.length === 0);
  await act(() => cut(sessionId, 1));
  await timeline.until((value) => value.directorEvents.length === 1);
  await timeline.end();
});

test("useMutation changes it, and useAction says what it was refused with", async () => {
  const sessionId = await started();
  const update = await shown(() => useMutation(production.updateProductionSession));
  await act(() => update.now()({ sessionId, title: "called" }));
  assert.equal((await client.query(production.getProductionSession, { sessionId })).title, "called");
  const act_ = await shown(() => useAction(production.nothing));
  await assert.rejects(act_.now()({}), (error) => error.data.code === "not_found");
  await update.end();
  await act_.end();
});

test("useAction has something done outside the ledger, and useQuery shows it", async () => {
  const uploadUrl = await client.mutation(videos.generateUploadUrl, {});
  const sent = await fetch(uploadUrl, { method: "POST", headers: { "Content-Type": "video/mp4" }, body: "frames" });
  const { storageId } = await sent.json();
  const videoId = await client.mutation(videos.createVideo, { storageId, filename: "rally.mp4", size: 6 });
  const video = await shown(() => useQuery(videos.getVideo, { videoId }));
  await video.until((value) => value?.status === "uploaded");
  const process_ = await shown(() => useAction(videos.processVideo));
  await act(async () => assert.equal(await process_.now()({ videoId }), null));
  await video.until((value) => value.status === "processing");
  await video.end();
  await process_.end();
});

test("usePaginatedQuery grows at its end and in between, is divided, and loads more", async () => {
  const sessionId = await started();
  for (let at = 0; at < 5; at += 1) await cut(sessionId, at * 10);
  const list = await shown(() => usePaginatedQuery(production.exportProductionEventPage, { sessionId }, { initialNumItems: 3 }));
  const times = () => list.now().results.map((event) => event.timestampMs);
  await list.until((value) => value.status === "CanLoadMore");
  assert.deepEqual(times(), [0, 10, 20]);
  await act(async () => list.now().loadMore(3));
  await list.until((value) => value.status === "Exhausted");
  assert.deepEqual(times(), [0, 10, 20, 30, 40]);
  for (let at = 5; at < 25; at += 1) await act(() => cut(sessionId, at * 10));
  await act(() => cut(sessionId, 15));
  const expected = [0, 10, 15, ...Array.from({ length: 23 }, (_, at) => (at + 2) * 10)];
  await list.until((value) => value.results.length === 26 && value.status === "Exhausted");
  assert.deepEqual(times(), expected);
  await list.end();
});
