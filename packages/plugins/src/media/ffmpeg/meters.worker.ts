/**
 * The thread that measures what ffmpeg decodes, so that the leading thread doesn't. Nothing that it loads loads Effect, which takes
 * longer than the rest of its start.
 */
import { closeSync, existsSync, openSync, readSync } from "node:fs"
import { parentPort } from "node:worker_threads"
import { WavMeterRun } from "../../meters/WavMeterRun.js"
import type { MeterOrder, MeterReply } from "./MeterMessage.js"

/** Bytes that are read at once. */
const PIECE = 262_144

const say = (reply: MeterReply): void => parentPort?.postMessage(reply)

const report = (run: WavMeterRun): void => say({ type: "measured", report: { measured: run.finish(), seconds: run.seconds } })

/** An input that gives no sound leaves no file. */
const readFile = (path: string, run: WavMeterRun): void => {
  if (!existsSync(path)) return
  const file = openSync(path, "r")
  try {
    const piece = new Uint8Array(PIECE)
    for (let length = readSync(file, piece); length > 0; length = readSync(file, piece)) run.read(piece.subarray(0, length))
  } finally {
    closeSync(file)
  }
}

let open: WavMeterRun | undefined

const obey = (order: MeterOrder): void => {
  switch (order.type) {
    case "file": {
      const run = new WavMeterRun(order.job)
      readFile(order.path, run)
      return report(run)
    }
    case "begin":
      open = new WavMeterRun(order.job)
      return say({ type: "taken" })
    case "bytes":
      open?.read(order.bytes)
      return say({ type: "taken" })
    case "end": {
      const run = open
      open = undefined
      if (run !== undefined) report(run)
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
