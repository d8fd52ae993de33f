// Watches one video, and says what it is shown, a line each time, until its processing has ended.
import { ConvexClient } from "convex/browser";
import { anyApi } from "convex/server";

const [url, videoId] = process.argv.slice(2);
const client = new ConvexClient(url, { logger: false });
client.onUpdate(anyApi.videos.getVideo, { videoId }, (video) => {
  console.log(JSON.stringify(video));
  if (["completed", "failed"].includes(video.status)) client.close().then(() => process.exit(0));
});
