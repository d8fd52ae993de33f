// Asks for many mutations at once, whatever happens to the server meanwhile, and says what each came to.
import { ConvexClient } from "convex/browser";
import { anyApi } from "convex/server";

const { production } = anyApi;
const [url, sessionId, count] = process.argv.slice(2);
const client = new ConvexClient(url, { logger: false });
const shown = [];
client.onUpdate(production.getProductionTimeline, { sessionId }, (value) => shown.push(value.directorEvents.length));
let done = 0;
const asked = Array.from({ length: Number(count) }, (_, at) =>
  client.mutation(production.appendDirectorEvent, { sessionId, timestampMs: at, eventType: "cut" }).then((id) => {
    done += 1;
    if (done === 20) console.log("under way");
    return id;
  }));
console.log(JSON.stringify({ ids: await Promise.all(asked), shown }));
await client.close();
process.exit(0);
