import type { Measured } from "../../meters/Meter.js"
import type { MeterJob } from "../../meters/WavMeterRun.js"

/** What was found, in the order of the specs, and in how many seconds of sound. */
export interface MeterReport {
  readonly measured: ReadonlyArray<Measured>
  readonly seconds: number
}

/** What the thread is told; one sound after the other. */
export type MeterOrder =
  | { readonly type: "file"; readonly path: string; readonly job: MeterJob }
  | { readonly type: "begin"; readonly job: MeterJob }
  | { readonly type: "bytes"; readonly bytes: Uint8Array }
  | { readonly type: "end" }

/** What it says. */
export type MeterReply =
  /** Ready for more bytes. */
  | { readonly type: "taken" }
  | { readonly type: "measured"; readonly report: MeterReport }
  | { readonly type: "failed"; readonly code: "DiskFull" | "EngineFailed"; readonly detail: string }
