// Who it is: a key of the ledger, or a token of an issuer that it trusts, shown as npm `convex` shows them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ConvexClient, ConvexHttpClient } from "convex/browser";
import { anyApi } from "convex/server";

const { production } = anyApi;
const url = process.env.LEDGER_TEST_URL;
const shown = { key: process.env.LEDGER_TEST_KEY, token: process.env.LEDGER_TEST_TOKEN };
const refused = (code) => (error) => error.data?.code === code || error.message.includes(code);
const start = { sessionType: "music_demo" };

for (const [name, bearer] of Object.entries(shown)) {
  test(`a ${name} opens the function API, a question as of a moment too`, async () => {
    const http = new ConvexHttpClient(url);
    await assert.rejects(http.mutation(production.startProductionSession, start), refused("unauthorized"));
    http.setAuth(bearer);
    const sessionId = await http.mutation(production.startProductionSession, start);
    assert.equal((await http.consistentQuery(production.getProductionSession, { sessionId }))._id, sessionId);
    http.clearAuth();
    await assert.rejects(http.query(production.getProductionSession, { sessionId }), refused("unauthorized"));
  });

  test(`a ${name} opens the live line, and what was refused is shown`, async () => {
    const client = new ConvexClient(url);
    const seen = [];
    let woken = () => {};
    const tell = (what) => { seen.push(what); woken(); };
    const until = async (condition) => {
      while (!seen.some(condition)) await new Promise((resolve) => { woken = resolve; });
    };
    client.onUpdate(production.listProductionSessions, {}, (value) => tell(value), (error) => tell(error.data.code));
    await until((value) => value === "unauthorized");
    client.setAuth(async () => bearer, (isAuthenticated) => tell(isAuthenticated));
    await until((value) => value === true);
    await until((value) => value.page !== undefined);
    const sessionId = await client.mutation(production.startProductionSession, start);
    assert(seen.at(-1).page.some((session) => session._id === sessionId));
    const forbidden = { cameraId: "a", timestampMs: 1, score: 1, sessionId };
    await assert.rejects(client.mutation(production.createStillCandidate, forbidden), refused("forbidden"));
    await client.close();
  });
}

test("what is neither is told to be none", async () => {
  const client = new ConvexClient(url);
  const told = new Promise((resolve) => { client.setAuth(async () => "ledger_nothing", resolve); });
  assert.equal(await told, false);
  await client.close();
  const http = new ConvexHttpClient(url);
  http.setAuth("ledger_nothing");
  await assert.rejects(http.query(production.listProductionSessions, {}), refused("unauthorized"));
});
