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

/**
 * One conversion to a format. `aresample` stands before `aformat` so that it happens here: left to themselves, the filters agree on a
 * format before the split, and one want's 8 kHz becomes everybody's.
 */
const converted = (rate: number | undefined, format: Readonly<Record<string, string | undefined>>): string => {
  const set = Object.entries(format).filter(([, value]) => value !== undefined)
  return [
    rate === undefined ? "aresample" : `aresample=${rate}`,
    ...(set.length === 0 ? [] : [`aformat=${set.map(([name, value]) => `${name}=${value}`).join(":")}`])
  ].join(",")
}

/** Filters that write a frame's numbers into the log, for filters that don't log them under their own name. */
const printed = (keys: ReadonlyArray<string>, name: string, reads: "frames" | "log"): ReadonlyArray<string> =>
  reads === "frames" ? [] : keys.map((key) => `ametadata@${name}=mode=print:key=${key}`)

/** What a chain is told of the input and of the engine. */
export interface Setting {
  /** Where the decode starts, in seconds of the input. */
  readonly origin: number
  /** Length of the decode in seconds. */
  readonly seconds: number
  /** Hz */
  readonly sampleRate: number
  /** The measuring filters' name, by which their lines in a log are known. */
  readonly name: string
  /** Where the engine reads measurements: from the frames that leave the filters, or from what these log. */
  readonly reads: "frames" | "log"
}

/**
 * The filters between the decoded sound and a want: the same for both engines, so that they measure alike. Rates and layouts are named
 * in one `aformat`, so that one conversion does both.
 */
export const chain = (want: SoundWant, { name, origin, reads, sampleRate, seconds }: Setting): string => {
  switch (want._tag) {
    case "AudioCopy":
      return [
        ...trim(want.cut, origin),
        converted(want.sampleRate, { channel_layouts: want.channels === undefined ? undefined : layoutOf(want.channels) })
      ].join(",")
    case "Loudness":
      return [
        converted(undefined, { sample_fmts: "dbl" }),
        // FFmpeg 5 has no `framelog=quiet`.
        `ebur128@${name}=${reads === "log" ? "framelog=verbose" : "framelog=quiet:metadata=1"}${want.truePeak === true ? ":peak=true" : ""}`
      ].join(",")
    case "Silences":
      // Takes the sound as it comes, and hands it on.
      return [
        `silencedetect=n=${want.threshold}dB:d=${want.minimumSeconds}`,
        ...printed(["lavfi.silence_start", "lavfi.silence_end"], name, reads)
      ].join(",")
    case "Levels":
      return [
        // 32 bits: lossy codecs' samples beyond full scale are clipped as a converter would, and quiet ones keep their level.
        converted(undefined, { sample_fmts: "s32" }),
        // Numbers are put on every frame: fewer frames.
        ...(reads === "log" ? [] : ["asetnsamples=n=65536:p=0"]),
        `astats@${name}=measure_overall=Peak_level+RMS_level+Number_of_samples:measure_perchannel=Peak_level+Flat_factor+Peak_count` +
          (reads === "log" ? "" : ":metadata=1")
      ].join(",")
    case "Spectrum":
      return [
        converted(Math.min(24_000, sampleRate), { channel_layouts: "mono" }),
        "aspectralstats=win_size=4096:overlap=0",
        ...printed(
          ["mean", "centroid", "flatness"].map((key) => `lavfi.aspectralstats.1.${key}`),
          name,
          reads
        )
      ].join(",")
    case "WaveformImage": {
      const enough = Math.min(8000, Math.max(1000, PICTURE_SAMPLES / Math.max(1, seconds)))
      // With fewer samples than columns the filter draws nothing.
      const rate = Math.round(Math.max(enough, Math.min(192_000, (2 * want.width) / Math.max(0.001, seconds))))
      return `${converted(rate, { channel_layouts: "mono" })},showwavespic=s=${want.width}x${want.height}:colors=0x${want.colour.slice(1)}`
    }
    case "Samples":
      return `atrim=end=${want.maxSeconds},${converted(want.sampleRate, { sample_fmts: "flt", channel_layouts: "mono" })}`
  }
}
