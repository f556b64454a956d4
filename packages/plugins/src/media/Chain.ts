import { layoutOf } from "./Encoding.js"
import type { AudioCopy, Cut, Levels, Loudness, Samples, Silences, Spectrum, WaveformImage } from "./Want.js"

/** What is made from the sound. */
export type SoundWant = AudioCopy | Loudness | Levels | Silences | Spectrum | WaveformImage | Samples

/** Samples that a waveform image may buffer, whatever the length. */
const PICTURE_SAMPLES = 16_000_000

const trim = (cut: Cut | undefined, origin: number): ReadonlyArray<string> =>
  cut === undefined
    ? []
    : [`atrim=start=${cut.startSeconds - origin}:end=${cut.startSeconds - origin + cut.durationSeconds}`, "asetpts=PTS-STARTPTS"]

const format = (options: Readonly<Record<string, string | number | undefined>>): ReadonlyArray<string> => {
  const set = Object.entries(options).filter(([, value]) => value !== undefined)
  return set.length === 0 ? [] : [`aformat=${set.map(([name, value]) => `${name}=${value}`).join(":")}`]
}

/** What a chain is told of the input and of the engine. */
export interface Setting {
  /** Where the decode starts, in seconds of the input. */
  readonly origin: number
  /** Length of the decode in seconds. */
  readonly seconds: number
  /** Hz */
  readonly sampleRate: number
  /** Where the engine reads measurements: from the frames that leave the filters, or from what these log. */
  readonly reads: "frames" | "log"
}

/**
 * The filters between the decoded sound and a want: the same for both engines, so that they measure alike. Rates and layouts are named
 * in one `aformat`, so that one conversion does both.
 */
export const chain = (want: SoundWant, { origin, reads, sampleRate, seconds }: Setting): string => {
  switch (want._tag) {
    case "AudioCopy":
      return [
        ...trim(want.cut, origin),
        ...format({
          sample_rates: want.sampleRate,
          channel_layouts: want.channels === undefined ? undefined : layoutOf(want.channels)
        }),
        "anull"
      ].join(",")
    case "Loudness":
      // FFmpeg 5 has no `framelog=quiet`.
      return `ebur128=${reads === "log" ? "framelog=verbose" : "framelog=quiet:metadata=1"}${want.truePeak === true ? ":peak=true" : ""}`
    case "Silences":
      return `silencedetect=n=${want.threshold}dB:d=${want.minimumSeconds}`
    case "Levels":
      // 32 bits: lossy codecs' samples beyond full scale are clipped as a converter would, and quiet ones keep their level.
      return [
        "aformat=sample_fmts=s32",
        // Numbers are put on every frame: fewer frames.
        ...(reads === "log" ? [] : ["asetnsamples=n=65536:p=0"]),
        `astats=measure_overall=Peak_level+RMS_level+Number_of_samples:measure_perchannel=Peak_level+Flat_factor+Peak_count${reads === "log" ? "" : ":metadata=1"}`
      ].join(",")
    case "Spectrum":
      return `aformat=sample_rates=${Math.min(24_000, sampleRate)}:channel_layouts=mono,aspectralstats=win_size=4096:overlap=0`
    case "WaveformImage": {
      const rate = Math.round(Math.min(8000, Math.max(1000, PICTURE_SAMPLES / Math.max(1, seconds))))
      return `aformat=sample_rates=${rate}:channel_layouts=mono,showwavespic=s=${want.width}x${want.height}:colors=0x${want.colour.slice(1)}`
    }
    case "Samples":
      return `atrim=end=${want.maxSeconds},aformat=sample_fmts=flt:sample_rates=${want.sampleRate}:channel_layouts=mono`
  }
}
