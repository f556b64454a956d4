/** The thread that hashes small files for {@link FileHasher}: one batch, one answer. */
import { parentPort } from "node:worker_threads"
import type { Ticketed } from "../stage/ThreadClient.js"
import type { HashBatch, HashOutcomes } from "./HashMessage.js"
import * as SmallFileHash from "./SmallFileHash.js"

const room = Buffer.allocUnsafeSlow(Number(SmallFileHash.MOST_BYTES) + 1)

const answer = ({ paths, stamps }: HashBatch): HashOutcomes =>
  paths.map((path, i) => {
    const [dev = 0n, ino = 0n, size = 0n, mtimeNs = 0n, ctimeNs = 0n] = stamps.slice(5 * i, 5 * i + 5)
    return SmallFileHash.of(path, { dev, ino, size, mtimeNs, ctimeNs }, room)
  })

if (parentPort !== null) {
  const port = parentPort
  port.on("message", ({ ticket, value }: Ticketed<HashBatch>) =>
    port.postMessage({ ticket, value: answer(value) } satisfies Ticketed<HashOutcomes>)
  )
}
