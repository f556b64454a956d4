import { chain, type SoundWant } from "../Chain.js"
import { encodersOf, frameChain, muxerOf, quality, videoChain, type Encoder, type Muxer } from "../Encoding.js"
import { type FramePass, type Pass, passes, type Placed, type SoundPass, type Spec, type VideoPass } from "../Pass.js"
import type { AudioCopy, VideoCopy } from "../Want.js"
import { decoders, inputOptions, maxBlock, maxPixels } from "../Whitelist.js"

type Words = ReadonlyArray<string>

/** One process of ffmpeg, as its words: arguments, never a shell's text. */
export interface CommandLine {
  readonly inputs: ReadonlyArray<{ readonly options: Words; readonly url: string }>
  readonly graphs: Words
  readonly outputs: ReadonlyArray<{ readonly options: Words; readonly target: string }>
  /** The spec that each input belongs to. */
  readonly owners: ReadonlyArray<number>
}

/** What a command line is built with. */
export interface Building {
  /** A word that a file can't know, in the names of the filters whose lines are read. */
  readonly nonce: string
  /** Encoders that this ffmpeg has. */
  readonly encoders: ReadonlySet<string>
  /** Ceiling of every output in bytes. */
  readonly maxBytes: number
  /** One long input: more threads, and its progress on stderr. */
  readonly alone: boolean
}

/** The name of a measuring filter: its lines in the log begin with it. */
export const nameOf = (nonce: string, spec: number, place: number): string => `${nonce}_${spec}_${place}`

/** The filter that counts samples where nothing else tells how much was decoded. */
export const COUNTER = "count"

const words = (options: Readonly<Record<string, string | number>>): Words =>
  Object.entries(options).flatMap(([name, value]) => [`-${name}`, String(value)])

const encoderOf = (codec: string, { encoders }: Building): Encoder => {
  const known = encodersOf(codec)
  // Without one ffmpeg says so, and the want fails alone.
  return known.find(({ name }) => encoders.has(name)) ?? known[0] ?? { name: codec }
}

const muxed = ({ name, options = {} }: Muxer, maxBytes: number, path: string) => ({
  // No tags of a stranger's, and nothing of the writer's: the same input gives the same bytes. One byte more than allowed shows that
  // the ceiling was met.
  options: [...words({ map_metadata: -1, map_chapters: -1, fflags: "+bitexact", fs: maxBytes + 1, f: name }), ...words(options)],
  target: path
})

const sounding = (codec: string, building: Building, bitRate: number | undefined): Words => {
  const { name, options = {} } = encoderOf(codec, building)
  return words({
    "c:a": name,
    "flags:a": "+bitexact",
    threads: 1,
    ...(bitRate === undefined ? {} : { "b:a": bitRate }),
    ...options
  })
}

const copied = (want: AudioCopy, label: string, building: Building) => {
  const { options, target } = muxed(muxerOf(want.container), Math.min(want.maxBytes ?? Infinity, building.maxBytes), want.path)
  return { options: ["-map", label, ...sounding(want.codec, building, want.bitRate), ...options], target }
}

/** A measurement's end. The codec is the format that the filters give, so that nothing is converted for nobody. */
const nowhere = (label: string, codec: string) => ({ options: ["-map", label, "-c:a", codec, "-f", "null"], target: "-" })

/** A file of one picture. `image2pipe` reads no pattern into its name. */
const still = (codec: string, path: string): { readonly options: Words; readonly target: string } => ({
  options: words({ "c:v": codec, "frames:v": 1, threads: 1, f: "image2pipe" }),
  target: path
})

/** What is at the end of a want's branch. */
const end = (want: SoundWant, label: string, building: Building): CommandLine["outputs"][number] => {
  switch (want._tag) {
    case "AudioCopy":
      return copied(want, label, building)
    case "WaveformImage": {
      const { options, target } = still("png", want.path)
      return { options: ["-map", label, ...options], target }
    }
    case "Samples":
      return {
        options: ["-map", label, ...words({ "c:a": "pcm_f32le", fs: building.maxBytes + 1, f: "f32le" })],
        target: want.path
      }
    case "Loudness":
      return nowhere(label, "pcm_f64le")
    case "Levels":
      return nowhere(label, "pcm_s32le")
    case "Silences":
    case "Spectrum":
      return nowhere(label, "pcm_f32le")
  }
}

const soundPass = (pass: SoundPass, input: number, spec: number, duration: number, building: Building) => {
  const setting = {
    origin: pass.origin,
    seconds: pass.seconds ?? duration,
    sampleRate: pass.stream.sampleRate ?? 44_100,
    reads: "log"
  } as const
  const filters = ({ place, want }: Placed<SoundWant>) => chain(want, { ...setting, name: nameOf(building.nonce, spec, place) })
  const silences = pass.wants.filter(({ want }) => want._tag === "Silences")
  // The search for silence hands the sound on as it is: one stands before the split and costs no branch. The words that it puts on
  // frames would be read again by a second.
  const trunk = silences.length === 1 && pass.wants.length > 1 ? silences : []
  const branches = pass.wants.filter((want) => !trunk.includes(want))
  const counted = pass.wants.some(({ want }) => want._tag === "Levels" || (want._tag === "AudioCopy" && want.cut === undefined))
  const heads = [...branches.map(({ place }) => String(place)), ...(counted ? [] : [COUNTER])].map((name) => `${input}_${name}`)
  return {
    graphs: [
      [
        `[${input}:${pass.stream.index}]${trunk.map((want) => `${filters(want)},`).join("")}asplit=${heads.length}${heads.map((head) => `[s${head}]`).join("")}`,
        ...branches.map((want) => `[s${input}_${want.place}]${filters(want)}[o${input}_${want.place}]`),
        ...(counted
          ? []
          : [`[s${input}_${COUNTER}]aresample,volumedetect@${building.nonce}_${spec}_${COUNTER}[o${input}_${COUNTER}]`])
      ].join(";")
    ],
    outputs: [
      ...branches.map(({ place, want }) => end(want, `[o${input}_${place}]`, building)),
      ...(counted ? [] : [nowhere(`[o${input}_${COUNTER}]`, "pcm_s16le")])
    ]
  }
}

const videoPass = (pass: VideoPass, input: number, building: Building) => {
  const want: VideoCopy = pass.want.want
  const { options, target } = muxed(muxerOf(want.container), Math.min(want.maxBytes ?? Infinity, building.maxBytes), want.path)
  const { name, options: own = {} } = encoderOf(want.videoCodec, building)
  const seen =
    want.videoCodec === "copy"
      ? ["-c:v", "copy"]
      : [
          ...["-vf", videoChain(want)],
          ...words({
            "c:v": name,
            crf: quality(want),
            ...(want.videoCodec === "vp9" ? { "b:v": 0 } : {}),
            ...own,
            "flags:v": "+bitexact"
          })
        ]
  const heard =
    pass.sound === undefined
      ? ["-an"]
      : [
          ...["-map", `${input}:${pass.sound.index}`],
          ...(want.audioCodec === "copy" ? ["-c:a", "copy"] : sounding(want.audioCodec, building, undefined))
        ]
  return { graphs: [], outputs: [{ options: ["-map", `${input}:${pass.picture.index}`, ...seen, ...heard, ...options], target }] }
}

/** Near the end there may be no later frame: then the last of the seconds before. */
const LATE = 1
const BEFORE = 5

const framePass = (pass: FramePass, input: number, duration: number) => {
  const { want } = pass.want
  const late = pass.at + LATE > duration
  const { options, target } = still(want.format === "png" ? "png" : "mjpeg", want.path)
  const filters = frameChain(want) + (late ? ",reverse" : "")
  return { graphs: [], outputs: [{ options: ["-map", `${input}:${pass.picture.index}`, "-vf", filters, ...options], target }] }
}

/** The stretch that is read. What a header says of the length may be wrong by some; a bomb's is cut. */
const reading = (pass: Pass, duration: number): Words => {
  const whole = duration * 3 + 60
  switch (pass._tag) {
    case "SoundPass":
      return words({ ...(pass.origin > 0 ? { ss: pass.origin } : {}), t: pass.seconds ?? whole })
    case "VideoPass": {
      const { cut } = pass.want.want
      return words(cut === undefined ? { t: whole } : { ss: cut.startSeconds, t: cut.durationSeconds })
    }
    case "FramePass":
      return words(pass.at + LATE > duration ? { ss: Math.max(0, pass.at - BEFORE) } : { ss: pass.at })
  }
}

/** Everything asked of the inputs in one process. */
export const commandLine = (specs: ReadonlyArray<Spec>, building: Building): CommandLine => {
  const opened = specs.flatMap((spec, number) => passes(spec).map((pass) => ({ number, pass, spec })))
  const made = opened.map(({ number, pass, spec }, input) => {
    const duration = spec.inspection.durationSeconds
    switch (pass._tag) {
      case "SoundPass":
        return soundPass(pass, input, number, duration, building)
      case "VideoPass":
        return videoPass(pass, input, building)
      case "FramePass":
        return framePass(pass, input, duration)
    }
  })
  const first = [
    ...["-hide_banner", "-nostdin", "-y", building.alone ? "-stats" : "-nostats"],
    ...words({ v: "info", max_alloc: maxBlock }),
    ...(building.alone ? [] : words({ filter_complex_threads: 1 }))
  ]
  return {
    owners: opened.map(({ number }) => number),
    inputs: opened.map(({ pass, spec }, input) => {
      const used =
        pass._tag === "SoundPass"
          ? [pass.stream]
          : [pass.picture, ...(pass._tag === "VideoPass" && pass.sound ? [pass.sound] : [])]
      return {
        url: spec.url,
        options: [
          ...(input === 0 ? first : []),
          ...words({ ...inputOptions, codec_whitelist: decoders(...used.map(({ codec }) => codec)), max_pixels: maxPixels }),
          // Threads pay for pictures only.
          ...(pass._tag === "SoundPass" ? ["-threads", "1"] : []),
          ...reading(pass, spec.inspection.durationSeconds)
        ]
      }
    }),
    graphs: made.flatMap(({ graphs }) => graphs),
    outputs: made.flatMap(({ outputs }) => outputs)
  }
}
