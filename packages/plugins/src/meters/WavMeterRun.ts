import type { Measured } from "./Meter.js"
import { MeterRun, type MeterSpec } from "./MeterRun.js"
import type { PcmFormat } from "./Pcm.js"

/** What is to be measured of a WAV of ours: the codec is that of the file that it was decoded from. */
export interface MeterJob extends Omit<PcmFormat, "sampleRate" | "channels" | "mask"> {
  readonly specs: ReadonlyArray<MeterSpec>
}

/** Bytes that a head may take. */
const LONGEST = 4096

/** Where the samples begin, and what they are; `undefined` until enough of the head is there. */
const headOf = (
  bytes: Buffer
): (Pick<PcmFormat, "sampleRate" | "channels" | "mask"> & { readonly start: number }) | undefined => {
  let shape: Pick<PcmFormat, "sampleRate" | "channels" | "mask"> | undefined
  for (let at = 12; at + 8 <= bytes.length;) {
    const type = bytes.toString("latin1", at, at + 4)
    const size = bytes.readUInt32LE(at + 4)
    if (type === "data") return shape === undefined ? undefined : { ...shape, start: at + 8 }
    if (type === "fmt " && at + 8 + size <= bytes.length)
      shape = {
        channels: bytes.readUInt16LE(at + 10),
        sampleRate: bytes.readUInt32LE(at + 12),
        mask: size >= 40 ? bytes.readUInt32LE(at + 28) : 0
      }
    at += 8 + size + (size % 2)
  }
  return undefined
}

/** Measures a WAV of 32-bit float samples as ffmpeg writes it, piece by piece: its head says what the decoder really gave. */
export class WavMeterRun {
  #head: Buffer<ArrayBufferLike> = Buffer.alloc(0)
  #run: MeterRun | undefined
  #sampleRate = 0

  constructor(readonly job: MeterJob) {}

  /** Seconds that were read. */
  get seconds(): number {
    return this.#run === undefined ? 0 : this.#run.count / this.#sampleRate
  }

  read(bytes: Uint8Array): void {
    if (this.#run !== undefined) return this.#run.read(bytes)
    const own = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const read = this.#head.length === 0 ? own : Buffer.concat([this.#head, own])
    const head = headOf(read)
    if (head === undefined) {
      if (read.length > LONGEST) throw new Error("what ffmpeg wrote is no WAV")
      // The bytes are the caller's.
      this.#head = Buffer.from(read)
      return
    }
    this.#sampleRate = head.sampleRate
    this.#run = new MeterRun(this.job.specs, { ...this.job, ...head })
    this.#run.read(read.subarray(head.start))
  }

  /** What each meter found; nothing where no sound came. */
  finish(): ReadonlyArray<Measured> {
    return this.#run?.finish() ?? []
  }
}
