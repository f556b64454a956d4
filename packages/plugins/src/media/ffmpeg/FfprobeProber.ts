import { RawPath, StateFolder } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import type { Inspection, Stream } from "../Inspection.js"
import { MediaError } from "../MediaError.js"
import * as MediaUrl from "../MediaUrl.js"
import { type Prober, verdict } from "../Prober.js"
import * as Program from "../Program.js"
import { sniff } from "../security/Sniff.js"
import { inputOptions } from "../security/Whitelist.js"
import { judge } from "../Streams.js"
import * as TagEncoding from "../TagEncoding.js"

const Text = Schema.optional(Schema.String)
const Amount = Schema.optional(Schema.Union(Schema.Number, Schema.NumberFromString))
const Printed = Schema.parseJson(
  Schema.Struct({
    format: Schema.Struct({
      format_name: Schema.String,
      duration: Amount,
      tags: Schema.optionalWith(Schema.Record({ key: Schema.String, value: Schema.String }), { default: () => ({}) })
    }),
    streams: Schema.Array(
      Schema.Struct({
        index: Schema.Int,
        codec_type: Text,
        codec_name: Text,
        sample_rate: Amount,
        channels: Amount,
        width: Amount,
        height: Amount,
        avg_frame_rate: Text,
        bit_rate: Amount,
        duration: Amount,
        start_time: Amount,
        disposition: Schema.optional(Schema.Struct({ attached_pic: Amount, still_image: Amount })),
        tags: Schema.optionalWith(Schema.Record({ key: Schema.String, value: Schema.String }), { default: () => ({}) })
      })
    )
  })
)
type Printed = typeof Printed.Type

const positive = (value: number | undefined): number | undefined => (value !== undefined && value > 0 ? value : undefined)

const ratio = (text: string | undefined): number | undefined => {
  const [above = 0, below = 0] = (text ?? "").split("/").map(Number)
  return positive(Number.isFinite(above / below) ? above / below : undefined)
}

/** Containers whose headers time their streams; in others ffprobe estimates. */
const timed = new Set(["wav", "w64", "flac", "ogg", "mov", "aiff", "au", "caf"])

const streamOf = (printed: Printed["streams"][number], container: string): Stream => {
  const still = printed.disposition?.attached_pic === 1 || printed.disposition?.still_image === 1
  const type = (["audio", "video", "subtitle"] as const).find((one) => one === printed.codec_type) ?? "data"
  return {
    index: printed.index,
    type: type === "video" && still ? "picture" : type,
    codec: printed.codec_name ?? "unknown",
    sampleRate: positive(printed.sample_rate),
    channels: positive(printed.channels),
    width: positive(printed.width),
    height: positive(printed.height),
    ...(type === "video" && !still ? { frameRate: ratio(printed.avg_frame_rate) } : {}),
    bitRate: positive(printed.bit_rate),
    ...(timed.has(container) && printed.duration !== undefined ? { promisedSeconds: positive(printed.duration) } : {})
  }
}

const inspectionOf = ({ format, streams }: Printed, size: number): Inspection => {
  const container = format.format_name.split(",")[0] ?? "unknown"
  const own = container === "ogg" ? (streams[0]?.tags ?? {}) : {}
  return {
    size,
    container,
    durationSeconds: format.duration ?? 0,
    streams: streams.map((stream) => streamOf(stream, container)),
    tags: tagsOf({ ...own, ...format.tags }, container)
  }
}

/** Tags whose characters are bytes, in the encoding that they have. */
const tagsOf = (tags: Readonly<Record<string, string>>, container: string): Readonly<Record<string, string>> => {
  const entries = Object.entries(tags).slice(0, 200)
  const bytes = (text: string) => Buffer.from(text, "latin1")
  const texts = TagEncoding.repair(
    TagEncoding.decode(
      entries.map(([, value]) => bytes(value)),
      container
    )
  )
  return Object.fromEntries(
    entries.map(([name], i) => [bytes(name).toString("utf8").slice(0, 4096).toLowerCase(), (texts[i] ?? "").slice(0, 4096)])
  )
}

/** Probes with a process a file, where node-av isn't installed. */
export const make = (ffprobe: string): Effect.Effect<Prober, never, StateFolder> =>
  Effect.map(
    StateFolder,
    (folder) => (path) =>
      Effect.gen(function* () {
        const sniffed = yield* Effect.sync(() => sniff(RawPath.forNode(path)))
        if (sniffed.refusal !== undefined) return yield* new MediaError(sniffed.refusal)
        const source = yield* MediaUrl.input(path)
        const options = Object.entries(inputOptions).flatMap(([name, value]) => [`-${name}`, value])
        // Bytes as they are in the file, each as one character: tags have any encoding.
        const shown = ["-show_format", "-show_streams", "-of", "json=string_validation=ignore"]
        const { code, stderr, stdout } = yield* Program.run(
          ffprobe,
          ["-v", "error", "-hide_banner", ...options, ...shown, "-i", source],
          "60 seconds",
          "latin1"
        )
        if (code !== 0) {
          const detail = stderr.trim().split("\n").at(-1)?.replace(/^.*: /, "") ?? "ffprobe says nothing"
          if (code === undefined) return yield* new MediaError({ code: "EngineFailed", detail: "ffprobe was ended by a signal" })
          return yield* sniffed.known
            ? new MediaError({ code: "Undecodable", detail: `the container can't be read: ${detail}` })
            : new MediaError({ code: "NotMedia", detail: `no reader knows the content: ${detail}` })
        }
        const printed = yield* Effect.mapError(
          Schema.decodeUnknown(Printed)(stdout),
          ({ message }) => new MediaError({ code: "EngineFailed", detail: `ffprobe's output can't be read: ${message}` })
        )
        return yield* verdict(judge(inspectionOf(printed, sniffed.size)))
      }).pipe(Effect.scoped, Effect.provideService(StateFolder, folder))
  )
