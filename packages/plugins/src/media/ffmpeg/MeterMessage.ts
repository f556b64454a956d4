import type { Measured } from "../../meters/Meter.js"
import type { MeterJob } from "../../meters/WavMeterRun.js"

/** What was found, in the order of the specs, and in how many seconds of sound. */
export interface MeterReport {
  readonly measured: ReadonlyArray<Measured>
  readonly seconds: number
}

/** A WAV of 32-bit float samples, and what is to be measured of it; a file that is missing has no sound. */
export interface MeteredFile {
  readonly path: string
  readonly job: MeterJob
}

/** What the thread is told; one sound after the other. */
export type MeterOrder =
  | { readonly type: "files"; readonly files: ReadonlyArray<MeteredFile> }
  | { readonly type: "begin"; readonly job: MeterJob }
  | { readonly type: "bytes"; readonly bytes: Uint8Array }
  | { readonly type: "end" }

/** What it says. */
export type MeterReply =
  /** Ready for more bytes. */
  | { readonly type: "taken" }
  /** File by file; one for what came as bytes. */
  | { readonly type: "measured"; readonly reports: ReadonlyArray<MeterReport> }
  | { readonly type: "failed"; readonly code: "DiskFull" | "EngineFailed"; readonly detail: string }
