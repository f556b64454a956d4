/**
 * The thread that measures what ffmpeg decodes, so that the leading thread doesn't. Nothing that it loads loads Effect, which takes
 * longer than the rest of its start.
 */
import { closeSync, existsSync, openSync, readSync } from "node:fs"
import { parentPort } from "node:worker_threads"
import { WavMeterRun } from "../../meters/WavMeterRun.js"
import type { MeteredFile, MeterOrder, MeterReply, MeterReport } from "./MeterMessage.js"

/** What is read at once; the same for all files, for V8 hears of such memory only when it looks for garbage. */
const piece = new Uint8Array(262_144)

const say = (reply: MeterReply): void => parentPort?.postMessage(reply)

const finish = (run: WavMeterRun): MeterReport => ({ measured: run.finish(), seconds: run.seconds })

/** An input that gives no sound leaves no file. */
const read = (path: string, run: WavMeterRun): void => {
  if (!existsSync(path)) return
  const file = openSync(path, "r")
  try {
    for (let length = readSync(file, piece); length > 0; length = readSync(file, piece)) run.read(piece.subarray(0, length))
  } finally {
    closeSync(file)
  }
}

const measure = ({ job, path }: MeteredFile): MeterReport => {
  const run = new WavMeterRun(job)
  read(path, run)
  return finish(run)
}

let open: WavMeterRun | undefined

const obey = (order: MeterOrder): void => {
  switch (order.type) {
    case "files":
      return say({ type: "measured", reports: order.files.map(measure) })
    case "begin":
      open = new WavMeterRun(order.job)
      return say({ type: "taken" })
    case "bytes":
      open?.read(order.bytes)
      return say({ type: "taken" })
    case "end": {
      const run = open
      open = undefined
      if (run !== undefined) say({ type: "measured", reports: [finish(run)] })
    }
  }
}

parentPort?.on("message", (order: MeterOrder) => {
  try {
    obey(order)
  } catch (error) {
    open = undefined
    const isFull = error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT")
    say({
      type: "failed",
      code: isFull ? "DiskFull" : "EngineFailed",
      detail: error instanceof Error ? error.message : String(error)
    })
  }
})
