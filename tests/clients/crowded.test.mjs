// A server that has no room for one more says so in words that its clients know: they come back, and not at once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ConvexClient } from "convex/browser";
import { anyApi } from "convex/server";
import { JSDOM } from "jsdom";

const { WebSocket } = new JSDOM("", { url: "http://localhost/" }).window;
const { production } = anyApi;
const url = process.env.LEDGER_TEST_URL;
const SHORTEST_PAUSE_MS = 1_500; // of three seconds, with chance in them; after words that it does not know it is back before that

test("who finds no room waits, and is let in once there is some", async () => {
  const tried = [];
  class Observed extends WebSocket {
    constructor(...said) {
      super(...said);
      const own = { at: performance.now() };
      tried.push(own);
      this.addEventListener("close", ({ reason }) => Object.assign(own, { reason, closedAt: performance.now() }));
    }
  }
  const first = new ConvexClient(url);
  await first.query(production.listProductionSessions, {});
  const second = new ConvexClient(url, { webSocketConstructor: Observed });
  try {
    const answer = second.query(production.listProductionSessions, {});
    while (tried[0]?.reason === undefined) await new Promise((resolve) => { setTimeout(resolve, 10); });
    assert.match(tried[0].reason, /^TooManyConcurrentRequests/);
    await first.close();
    assert.notEqual((await answer).page, undefined);
    assert(tried[1].at - tried[0].closedAt >= SHORTEST_PAUSE_MS - 50, "it has waited");
  } finally {
    await Promise.all([first.close(), second.close()]);
  }
});
