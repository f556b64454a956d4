import { writeFileSync } from "node:fs"
import { bandMeter } from "./BandMeter.js"
import { downmixMeter } from "./DownmixMeter.js"
import { Kernels } from "./Kernels.js"
import { levelMeter } from "./LevelMeter.js"
import { fingerprintMeter } from "./FingerprintMeter.js"
import { loudnessMeter } from "./LoudnessMeter.js"
import type { MakeMeter, Measured } from "./Meter.js"
import { musicMeter } from "./MusicMeter.js"
import { memoryOf, PcmReader, type PcmFormat } from "./Pcm.js"
import { qualityMeter } from "./QualityMeter.js"
import { silenceMeter, type SilenceLimits } from "./SilenceMeter.js"
import { spectrumMeter } from "./SpectrumMeter.js"
import { timbreMeter } from "./TimbreMeter.js"
import { truePeakMeter } from "./TruePeakMeter.js"
import { waveformMeter } from "./WaveformMeter.js"
import { waveformPng, type WaveformStyle } from "./waveformPng.js"

/** A meter as plain data, which another thread or process can be sent. */
export type MeterSpec =
  /** Hz up to which, and above which, levels are told. */
  | { readonly _tag: "Bands"; readonly edges: ReadonlyArray<number> }
  | { readonly _tag: "Downmix" }
  | { readonly _tag: "Fingerprint" }
  | { readonly _tag: "Levels" }
  | { readonly _tag: "Loudness" }
  | { readonly _tag: "Music"; readonly maxSeconds: number }
  | { readonly _tag: "Quality" }
  | ({ readonly _tag: "Silences" } & SilenceLimits)
  | {
      readonly _tag: "Spectrum"
      /** dBFS below which nothing decides. */
      readonly threshold: number
    }
  | { readonly _tag: "Timbre" }
  | { readonly _tag: "TruePeak" }
  /** A PNG at `path`. */
  | ({ readonly _tag: "Waveform"; readonly path: string; readonly width: number } & WaveformStyle)

const makerOf = (spec: MeterSpec): MakeMeter => {
  switch (spec._tag) {
    case "Bands":
      return bandMeter(spec)
    case "Downmix":
      return downmixMeter
    case "Fingerprint":
      return fingerprintMeter
    case "Levels":
      return levelMeter
    case "Loudness":
      return loudnessMeter
    case "Music":
      return musicMeter(spec)
    case "Quality":
      return qualityMeter
    case "Silences":
      return silenceMeter(spec)
    case "Spectrum":
      return spectrumMeter(spec)
    case "Timbre":
      return timbreMeter
    case "TruePeak":
      return truePeakMeter
    case "Waveform":
      return waveformMeter(spec.width, (columns) => writeFileSync(spec.path.replace(/^file:/, ""), waveformPng(columns, spec)))
  }
}

/** Bytes of the kernels' memory that all meters and their tables take. */
const OWN = 4 * 1024 * 1024

/** Meters of one sound, in one pass. */
export class MeterRun {
  readonly #meters: ReadonlyArray<ReturnType<MakeMeter>>
  readonly #reader: PcmReader
  readonly #kernels: Kernels

  constructor(specs: ReadonlyArray<MeterSpec>, format: PcmFormat) {
    this.#kernels = Kernels.take(OWN + memoryOf(format.channels))
    this.#meters = specs.map((spec) => makerOf(spec)(format, this.#kernels))
    this.#reader = new PcmReader(format, this.#kernels, (block) => {
      for (const meter of this.#meters) meter.take(block)
    })
  }

  /** Samples of a channel that were read. */
  get count(): number {
    return this.#reader.count
  }

  /** @param bytes interleaved 32-bit float samples, little-endian; a piece may end anywhere */
  read(bytes: Uint8Array): void {
    this.#reader.read(bytes)
  }

  /** What each meter found, in their order. Throws where a picture can't be written. */
  finish(): ReadonlyArray<Measured> {
    this.#reader.finish()
    const measured = this.#meters.map((meter) => meter.finish())
    this.#kernels.release()
    return measured
  }
}
