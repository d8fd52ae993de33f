// What a page asks for, against the types that a ledger publishes: every line that must not compile says so.
import { useMutation, usePaginatedQuery, useQuery } from "convex/react";
import { ConvexHttpClient } from "convex/browser";
import { api } from "./api";

export function Captures(): string {
  const recent = useQuery(api.captures.listRecent);
  const create = useMutation(api.captures.create);
  void create({ imageUrl: "https://frames.example/1.jpg", source: "manual_upload" });
  // @ts-expect-error a capture is of a source
  void create({ imageUrl: "https://frames.example/1.jpg" });
  // @ts-expect-error there is no such function
  useQuery(api.captures.listAll);
  // @ts-expect-error this is a mutation
  useQuery(api.captures.create);
  const status: "pending" | "identifying" | "identified" | "failed" | undefined = recent?.[0]?.status;
  // @ts-expect-error a capture has no score
  void recent?.[0]?.score;
  return `${status} ${recent?.map((capture) => capture.imageUrl).join(" ")}`;
}

export function Timeline({ sessionId }: { sessionId: string }): number {
  const timeline = useQuery(api.production.getProductionTimeline, { sessionId });
  const session = useQuery(api.production.getProductionSession, { sessionId });
  const title: string | undefined = session?.title;
  const { results } = usePaginatedQuery(api.production.exportProductionEventPage, { sessionId }, { initialNumItems: 10 });
  // @ts-expect-error a session has a name
  useQuery(api.production.getProductionTimeline, {});
  const at: number[] = results.map((event) => event.timestampMs);
  return (timeline?.directorEvents.length ?? 0) + at.length + (title?.length ?? 0);
}

export async function written(client: ConvexHttpClient): Promise<string[]> {
  const sessionId: string = await client.mutation(api.production.startProductionSession, { sessionType: "music_demo" });
  const nothing: null = await client.mutation(api.production.updateProductionSession, { sessionId, status: "rolling" });
  void nothing;
  const events = [{ timestampMs: 1, eventType: "cut", cameraId: "hero" }];
  return await client.mutation(api.production.appendDirectorEventsBatch, { sessionId, events });
}
