// Two live lists of a ledger: the newest captures, and the timeline of the shoot that is under way.
import { ConvexProvider, ConvexReactClient, useMutation, useQuery } from "convex/react";
import { createRoot } from "react-dom/client";

import { api } from "./api";

const ledger =
  new URLSearchParams(location.search).get("ledger") ?? import.meta.env.VITE_LEDGER_URL ?? "http://127.0.0.1:8000";

function Captures() {
  const captures = useQuery(api.captures.listRecent);
  const create = useMutation(api.captures.create);
  return (
    <section>
      <h2>Captures</h2>
      <button onClick={() => create({ imageUrl: `manual-${Date.now()}`, source: "manual_upload" })}>Capture</button>
      <ul id="captures">
        {captures?.map((capture) => (
          <li key={capture._id}>
            {capture.imageUrl} <small>{capture.status}</small>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Shoot() {
  const session = useQuery(api.production.getActiveProductionSession, {});
  if (session === undefined) return <p>…</p>;
  if (session === null) return <p id="shoot">No shoot is under way.</p>;
  return (
    <section>
      <h2 id="shoot">{session.title ?? session.sessionType}</h2>
      <Timeline sessionId={session._id} />
    </section>
  );
}

function Timeline({ sessionId }: { sessionId: string }) {
  const timeline = useQuery(api.production.getProductionTimeline, { sessionId });
  return (
    <ul id="timeline">
      {timeline?.directorEvents.map((event) => (
        <li key={event._id}>
          {event.eventType} {event.cameraId} <small>{event.timestampMs}</small>
        </li>
      ))}
    </ul>
  );
}

createRoot(document.getElementById("page")!).render(
  <ConvexProvider client={new ConvexReactClient(ledger)}>
    <main>
      <Captures />
      <Shoot />
    </main>
  </ConvexProvider>,
);
