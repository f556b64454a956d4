import { ordering, reordered } from "../ChannelOrder.js"
import { layoutsOf } from "../CodecLimits.js"
import {
  type DecodePass,
  type FramePass,
  mayHaveHeaders,
  type PacketsPass,
  type PicturesPass,
  type SoundPass,
  type VideoPass
} from "../DecodePass.js"
import { encodersOf, muxerOf, type Encoder, type Muxer } from "../Encoding.js"
import { converted } from "../FilterChain.js"
import type { Stream } from "../Inspection.js"
import { placing } from "../Mix.js"
import type { SoundEncoding, WrittenEnd } from "../RequestHandler.js"
import { frameCodec, frameFilters } from "../requests/frame.js"
import { quality, videoFilters } from "../requests/videoCopy.js"
import { cropping } from "../Streams.js"
import { axisFilter, gapFilter, isTimed, silencing } from "../TimeAxis.js"
import { lastPicture, pictureTimes, releaseOf } from "./pictureTimes.js"

/** Words of ffmpeg's command line. */
export type Words = ReadonlyArray<string>

/** A file or a pipe that ffmpeg writes, with the options before its name. */
export interface Output {
  readonly options: Words
  readonly target: string
}

/** What one pass adds to a command line. */
export interface PassOutputs {
  /** Filter graphs. */
  readonly graphs: Words
  readonly outputs: ReadonlyArray<Output>
}

/** What a command line is built with. */
export interface Building {
  /** A word that a file can't know, in the names of the filters whose lines are read. */
  readonly nonce: string
  readonly version: string
  /** Encoders that this ffmpeg has. */
  readonly encoders: ReadonlySet<string>
  /** Ceiling of every output in bytes. */
  readonly maxBytes: number
  /** One long input: more threads, and its progress on stderr. */
  readonly alone: boolean
  /** Where the sound of a pass goes that is measured: a file, or `pipe:1`. */
  readonly pcmOf: (job: number, pass: SoundPass) => string
}

const COUNTER = "count"

/** The name of the filter that counts the samples of a stream. It begins again where the sound becomes another. */
export const counterOf = (nonce: string, job: number, stream: number): string => `${nonce}_${job}_${COUNTER}${stream}`

/** Options as ffmpeg takes them. */
export const words = (options: Readonly<Record<string, string | number>>): Words =>
  Object.entries(options).flatMap(([name, value]) => [`-${name}`, String(value)])

const encoderOf = (codec: string, { encoders }: Building): Encoder => {
  const known = encodersOf(codec)
  // Without one ffmpeg says so, and the request fails alone.
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

const encoded = (encoding: SoundEncoding, label: string, building: Building) => {
  const maxBytes = Math.min(encoding.maxBytes ?? Infinity, building.maxBytes)
  const { options, target } = muxed(muxerOf(encoding.container), maxBytes, encoding.path)
  return { options: ["-map", label, ...sounding(encoding.codec, building, encoding.bitRate), ...options], target }
}

/** A measurement's end. The codec is the format that the filters give, so that nothing is converted for nobody. */
const nowhere = (label: string, codec: string) => ({ options: ["-map", label, "-c:a", codec, "-f", "null"], target: "-" })

/** A file of one picture. `image2pipe` reads no pattern into its name. */
const still = (codec: string, path: string): Output => ({
  options: words({ "c:v": codec, "frames:v": 1, threads: 1, f: "image2pipe" }),
  target: path
})

/** Where a branch of filters ends. */
const output = (end: WrittenEnd, label: string, building: Building): Output => {
  switch (end._tag) {
    case "EncodedSound":
      return encoded(end.encoding, label, building)
    case "RawSamples":
      return {
        options: ["-map", label, ...words({ "c:a": "pcm_f32le", fs: building.maxBytes + 1, f: "f32le" })],
        target: end.path
      }
  }
}

/** Containers whose sound can't become another on its way. */
const steady = new Set(["wav", "w64", "aiff", "au", "caf", "flac"])

const soundPass = (pass: SoundPass, input: number, job: number, building: Building) => {
  const axis = isTimed(pass.container)
    ? `${axisFilter(pass.container, pass.origin > 0 ? undefined : pass.startSeconds, pass.isJoined && pass.container === "ogg")},${gapFilter},${silencing(pass.stream.gaps ?? [], pass.origin)}`
    : ""
  const written = pass.handlers.flatMap(({ handler, place }) =>
    handler.end._tag === "Meters" ? [] : [{ end: handler.end, name: `${input}_${place}` }]
  )
  const metered = written.length < pass.handlers.length ? [`${input}_pcm`] : []
  // Neither a copy nor what is measured tells that the sound became another on its way.
  const counted = steady.has(pass.container) && !pass.isJoined ? [] : [`${input}_${COUNTER}`]
  // Where meters count the samples, one frame tells that the filters began again.
  const taken = metered.length > 0 ? "aselect=not(n)," : ""
  const heads = [...metered, ...written.map(({ name }) => name), ...counted]
  return {
    graphs: [
      [
        `[${input}:${pass.stream.index}]${ordering(pass.stream.order)}${axis}asplit=${heads.length}${heads.map((head) => `[s${head}]`).join("")}`,
        // All meters hear one stream.
        ...metered.map((name) => `[s${name}]${converted(undefined, { sample_fmts: "flt" })}[o${name}]`),
        ...written.map(({ end, name }) => `[s${name}]${end.filters(pass)}[o${name}]`),
        ...counted.map(
          (name) => `[s${name}]${taken}aresample,volumedetect@${counterOf(building.nonce, job, pass.stream.index)}[o${name}]`
        )
      ].join(";")
    ],
    outputs: [
      ...metered.map((name) => ({
        options: [
          "-map",
          `[o${name}]`,
          ...words({ "c:a": "pcm_f32le", fflags: "+bitexact", fs: building.maxBytes + 1, f: "wav" })
        ],
        target: building.pcmOf(job, pass)
      })),
      ...written.map(({ end, name }) => output(end, `[o${name}]`, building)),
      ...counted.map((name) => nowhere(`[o${name}]`, "pcm_s16le"))
    ]
  }
}

/** Channels in the places that a codec has for them. */
const laidOut = (codec: string, stream: Stream): Words => {
  const { channels = 1, order } = stream
  const layouts = layoutsOf(codec, channels)
  const filters = [
    ...(order === undefined ? placing(codec, stream) : [reordered(order)]),
    ...(layouts === undefined ? [] : [converted(undefined, { channel_layouts: layouts.join("|") })])
  ]
  return filters.length === 0 ? [] : ["-af", filters.join(",")]
}

/** What the container shows of a picture: from 7.1 on ffmpeg looks for itself. */
const cropped = (picture: Stream, { version }: Building): string => (releaseOf(version) < 7.1 ? cropping(picture) : "")

const videoPass = (pass: VideoPass, input: number, building: Building) => {
  const { request } = pass
  const maxBytes = Math.min(request.maxBytes ?? Infinity, building.maxBytes)
  const { options, target } = muxed(muxerOf(request.container), maxBytes, request.path)
  const { name, options: own = {} } = encoderOf(request.videoCodec, building)
  const seen =
    request.videoCodec === "copy"
      ? ["-c:v", "copy"]
      : [
          ...["-vf", cropped(pass.picture, building) + videoFilters(request)],
          ...words({
            ...pictureTimes(building.version),
            ...lastPicture(building.version, request.container, pass.endSeconds),
            "c:v": name,
            crf: quality(request),
            ...(request.videoCodec === "vp9" ? { "b:v": 0 } : {}),
            ...own,
            "flags:v": "+bitexact"
          })
        ]
  const heard =
    pass.sound === undefined
      ? ["-an"]
      : [
          ...["-map", `${input}:${pass.sound.index}`],
          ...(request.audioCodec === "copy"
            ? ["-c:a", "copy"]
            : [...laidOut(request.audioCodec, pass.sound), ...sounding(request.audioCodec, building, undefined)])
        ]
  return { graphs: [], outputs: [{ options: ["-map", `${input}:${pass.picture.index}`, ...seen, ...heard, ...options], target }] }
}

/** Near the end there may be no later frame: then the last of the seconds before. */
const LATE = 1

/** Whether a picture may have no later frame behind it. */
export const isLate = (pass: FramePass, duration: number): boolean => pass.at + LATE > duration

const framePass = (pass: FramePass, input: number, duration: number, building: Building) => {
  const { request } = pass
  const late = isLate(pass, duration)
  const { options, target } = still(frameCodec(request), request.path)
  const filters = cropped(pass.picture, building) + frameFilters(request) + (late ? ",reverse" : "")
  return { graphs: [], outputs: [{ options: ["-map", `${input}:${pass.picture.index}`, "-vf", filters, ...options], target }] }
}

const picturesPass = ({ handler, picture }: PicturesPass, input: number, duration: number, building: Building) => {
  const { codec, filters, request } = handler
  const written = codec === "mjpeg" ? words({ "c:v": codec, "q:v": 4, f: "image2pipe" }) : words({ "c:v": codec, f: "rawvideo" })
  const { durationSeconds = duration } = request.cut ?? {}
  const options = [
    "-map",
    `${input}:${picture.index}`,
    "-vf",
    cropped(picture, building) +
      filters(Math.min(durationSeconds, picture.promisedSeconds ?? Infinity), picture.stillSeconds ?? 0),
    ...words({ threads: 1, fs: building.maxBytes + 1 }),
    ...written
  ]
  return { graphs: [], outputs: [{ options, target: request.path }] }
}

const packetsPass = (pass: PacketsPass, input: number) => {
  const bare = mayHaveHeaders(pass) ? ["-bsf:a", "aac_adtstoasc"] : []
  const options = ["-map", `${input}:${pass.stream.index}`, "-c", "copy", ...bare, ...words({ f: "hash", hash: "sha256" })]
  return { graphs: [], outputs: [{ options, target: pass.request.path }] }
}

/** Everything asked of one pass over an input. */
export const passOutputs = (
  pass: DecodePass,
  {
    building,
    duration,
    input,
    job
  }: {
    readonly building: Building
    /** Seconds of the input. */
    readonly duration: number
    /** The input's number on the command line. */
    readonly input: number
    /** Number of the job that it belongs to. */
    readonly job: number
  }
): PassOutputs => {
  switch (pass._tag) {
    case "SoundPass":
      return soundPass(pass, input, job, building)
    case "VideoPass":
      return videoPass(pass, input, building)
    case "FramePass":
      return framePass(pass, input, duration, building)
    case "PicturesPass":
      return picturesPass(pass, input, duration, building)
    case "PacketsPass":
      return packetsPass(pass, input)
  }
}
