/** The thread that looks at files before ffprobe does: through a transport stream of gigabytes it takes seconds. */
import type { ThreadClient } from "@mediaspool/core"
import { parentPort } from "node:worker_threads"
import { sniff, type Sniffed } from "../security/Sniff.js"

if (parentPort !== null) {
  const port = parentPort
  port.on("message", ({ ticket, value }: ThreadClient.Ticketed<string | Uint8Array>) =>
    port.postMessage({
      ticket,
      value: sniff(typeof value === "string" ? value : Buffer.from(value))
    } satisfies ThreadClient.Ticketed<Sniffed>)
  )
}
