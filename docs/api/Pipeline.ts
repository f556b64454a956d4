import { Pipeline } from "@mediaspool/core"
import { persist, probe, transcode } from "@mediaspool/plugins"

/** In spool.config.ts: `export default { pipelines: { sounds } }`. Wrong wiring doesn't compile. */
export const sounds = Pipeline.make("sounds", { source: { folder: "./inbox" } })
  .add("probe", probe)
  .add("copy", transcode, { with: { format: "mp3", sampleRate: 16000 }, retry: { times: 4 } })
  .add("persist", persist)
