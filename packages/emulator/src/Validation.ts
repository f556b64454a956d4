import { Either, Option, Schema } from "effect"
import { ModelCatalog } from "@mediaspool/plugins"
import { type Refusal, refusals } from "./Refusal.js"

/** How the request came: DashScope's two protocols, or a server for open models. */
export type Protocol = "compatible" | "native" | "vllm"

/** A request whose form the service would accept. */
export interface Checked {
  readonly protocol: Protocol
  readonly model: string
  readonly vendor: ModelCatalog.CatalogModel
  readonly system: string
  readonly prompt: string
  /** The audio's URL, as it stands in the request. */
  readonly audio: string | undefined
  /** The URLs of the pictures, or of the video. */
  readonly frames: ReadonlyArray<string> | undefined
  readonly video: string | undefined
  readonly stream: boolean
  readonly withUsage: boolean
  /** Everything that shapes the answer besides what is asked, for telling two requests apart. */
  readonly sampling: string
  readonly maxTokens: number
}

const AudioUrl = Schema.Struct({ type: Schema.Literal("audio_url"), audio_url: Schema.Struct({ url: Schema.String }) })
const InputAudio = Schema.Struct({
  type: Schema.Literal("input_audio"),
  input_audio: Schema.Struct({ data: Schema.String, format: Schema.optional(Schema.String) })
})
const Text = Schema.Struct({ type: Schema.Literal("text"), text: Schema.String })
const ImageUrl = Schema.Struct({ type: Schema.Literal("image_url"), image_url: Schema.Struct({ url: Schema.String }) })
const VideoUrl = Schema.Struct({ type: Schema.Literal("video_url"), video_url: Schema.Struct({ url: Schema.String }) })
const Frames = Schema.Struct({ type: Schema.Literal("video"), video: Schema.Array(Schema.String) })
const Part = Schema.Union(InputAudio, AudioUrl, ImageUrl, VideoUrl, Frames, Text)
const Message = Schema.Struct({ role: Schema.String, content: Schema.Union(Schema.String, Schema.Array(Part)) })
const Parameters = {
  temperature: Schema.optional(Schema.Number),
  top_p: Schema.optional(Schema.Number),
  top_k: Schema.optional(Schema.Number),
  seed: Schema.optional(Schema.Number),
  max_tokens: Schema.optional(Schema.Number)
}
const CompatibleBody = Schema.Struct({
  model: Schema.String,
  messages: Schema.Array(Message),
  stream: Schema.optional(Schema.Boolean),
  stream_options: Schema.optional(Schema.Struct({ include_usage: Schema.optional(Schema.Boolean) })),
  modalities: Schema.optional(Schema.Array(Schema.String)),
  tools: Schema.optional(Schema.Unknown),
  response_format: Schema.optional(Schema.Unknown),
  enable_thinking: Schema.optional(Schema.Boolean),
  reasoning_effort: Schema.optional(Schema.Literal("low", "medium", "high")),
  use_multichannel: Schema.optional(Schema.Boolean),
  ...Parameters
})
const NativeBody = Schema.Struct({
  model: Schema.String,
  input: Schema.Struct({
    messages: Schema.Array(
      Schema.Struct({
        role: Schema.String,
        content: Schema.Array(Schema.Struct({ audio: Schema.optional(Schema.String), text: Schema.optional(Schema.String) }))
      })
    )
  }),
  parameters: Schema.optional(Schema.Struct({ incremental_output: Schema.optional(Schema.Boolean), ...Parameters }))
})
type Numbers = { readonly [K in keyof typeof Parameters]?: number | undefined }

const known = (name: string): ModelCatalog.CatalogModel | undefined => {
  const plain = name.slice(name.lastIndexOf("/") + 1).toLowerCase()
  return Object.hasOwn(ModelCatalog.models, plain) ? ModelCatalog.models[plain] : undefined
}

const outside = (numbers: Numbers, vendor: ModelCatalog.CatalogModel): string | undefined => {
  const { max_tokens: most, seed, temperature, top_p: p } = numbers
  if (temperature !== undefined && !(temperature >= 0 && temperature < 2)) return "Temperature should be in [0.0, 2.0)"
  if (p !== undefined && !(p > 0 && p <= 1)) return "Range of top_p should be (0.0, 1.0]"
  if (seed !== undefined && !(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31))
    return "Range of seed should be [0, 2147483647]"
  if (most !== undefined && !(Number.isInteger(most) && most >= 1 && most <= vendor.maxOutputTokens))
    return `Range of max_tokens should be [1, ${vendor.maxOutputTokens}]`
  return undefined
}

const samplingOf = ({ max_tokens, seed, temperature, top_k, top_p }: Numbers): string =>
  JSON.stringify([temperature, top_p, top_k, seed, max_tokens])

type Check = Either.Either<Checked, Refusal>

const compatible = (body: unknown, protocol: "compatible" | "vllm"): Check => {
  const decoded = Schema.decodeUnknownOption(CompatibleBody)(body)
  if (Option.isNone(decoded)) return Either.left(refusals.parameter("Invalid request body: messages, model or parameters"))
  const request = decoded.value
  const vendor = known(request.model)
  if (vendor === undefined || vendor.kind === "embedding") return Either.left(refusals.model(request.model))
  const fault = outside(request, vendor)
  if (fault !== undefined) return Either.left(refusals.parameter(fault))
  const system = request.messages.filter(({ role }) => role === "system")
  const turns = request.messages.filter(({ role }) => role !== "system")
  const [turn] = turns
  if (turn === undefined || turns.length !== 1 || turn.role !== "user" || system.length > 1)
    return Either.left(refusals.parameter("The messages must be one user message, after a system message at most"))
  const parts = typeof turn.content === "string" ? [{ type: "text" as const, text: turn.content }] : turn.content
  const audios = parts.flatMap((part) =>
    part.type === "input_audio" ? [part.input_audio.data] : part.type === "audio_url" ? [part.audio_url.url] : []
  )
  const frames = parts.flatMap((part) =>
    part.type === "video" ? part.video : part.type === "image_url" ? [part.image_url.url] : []
  )
  const videos = parts.flatMap((part) => (part.type === "video_url" ? [part.video_url.url] : []))
  const texts = parts.flatMap((part) => (part.type === "text" ? [part.text] : []))
  const shape = misshapen(protocol, vendor, request, {
    audios: audios.length,
    frames: frames.length,
    videos: videos.length,
    texts: texts.length,
    system: system.length,
    foreign: parts.some(({ type }) => foreignParts[protocol].includes(type))
  })
  if (shape !== undefined) return Either.left(shape)
  return Either.right({
    protocol,
    model: request.model,
    vendor,
    system: system.map(({ content }) => (typeof content === "string" ? content : "")).join(""),
    prompt: texts.join("\n"),
    audio: audios[0],
    frames: frames.length === 0 ? undefined : frames,
    video: videos[0],
    stream: request.stream === true,
    withUsage: request.stream_options?.include_usage === true,
    sampling: samplingOf(request),
    maxTokens: request.max_tokens ?? vendor.maxOutputTokens
  })
}

/** Parts that a protocol doesn't know. */
const foreignParts: Readonly<Record<"compatible" | "vllm", ReadonlyArray<string>>> = {
  compatible: ["audio_url"],
  vllm: ["input_audio", "video"]
}

const misshapen = (
  protocol: Protocol,
  vendor: ModelCatalog.CatalogModel,
  request: typeof CompatibleBody.Type,
  has: {
    readonly audios: number
    readonly frames: number
    readonly videos: number
    readonly texts: number
    readonly system: number
    readonly foreign: boolean
  }
): Refusal | undefined => {
  const captioner = vendor.kind === "captioner"
  if (has.foreign) return refusals.parameter("The content field is a required field: unknown content type")
  if (has.frames + has.videos > 0 && vendor.sees !== true)
    return refusals.parameter("This model does not support image or video input")
  if (has.videos > 1 || (has.videos > 0 && has.frames > 0)) return refusals.parameter("Only one video is supported")
  const { maxFrames, sound } = { ...ModelCatalog.usualVideo, ...vendor.video }
  if (protocol !== "vllm" && has.frames === 1)
    return refusals.parameter("The video modality input does not meet the requirements: 2 images at least")
  if (has.frames > maxFrames)
    return refusals.parameter(`The video modality input does not meet the requirements: ${maxFrames} images at most`)
  if (has.audios > 0 && (has.videos > 0 || (has.frames > 0 && protocol !== "vllm" && sound === "inside")))
    return refusals.parameter("Only text and one other modality are supported in one message")
  if (captioner && (has.audios !== 1 || has.texts > 0 || has.system > 0))
    return refusals.parameter("This model takes exactly one audio and no text")
  if (request.use_multichannel === true && vendor.multichannel !== true)
    return refusals.parameter("This model does not support use_multichannel")
  if (captioner && (request.tools !== undefined || request.response_format !== undefined))
    return refusals.parameter("This model supports neither tools nor response_format")
  if (vendor.kind === "chat" && has.audios > 0) return refusals.parameter("This model does not support audio input")
  if (has.audios > 1) return refusals.parameter("Only one audio is supported")
  if (!captioner && has.texts === 0) return refusals.parameter("The text content is missing")
  if (protocol === "vllm") return undefined
  if (vendor.kind === "omni" && request.modalities !== undefined && request.modalities.join() !== "text")
    return refusals.parameter("The output modalities must be text here")
  if (vendor.kind === "omni" && request.response_format !== undefined)
    return refusals.parameter("This model does not support response_format")
  return vendor.streamOnly === true && request.stream !== true ? refusals.stream : undefined
}

const native = (body: unknown, stream: boolean): Check => {
  const decoded = Schema.decodeUnknownOption(NativeBody)(body)
  if (Option.isNone(decoded)) return Either.left(refusals.parameter("Invalid request body: input.messages or parameters"))
  const { input, model, parameters = {} } = decoded.value
  const vendor = known(model)
  if (vendor === undefined) return Either.left(refusals.model(model))
  if (vendor.kind !== "captioner") return Either.left(refusals.parameter("This model is served by the compatible protocol only"))
  const fault = outside(parameters, vendor)
  if (fault !== undefined) return Either.left(refusals.parameter(fault))
  const [message] = input.messages
  const [part] = message?.content ?? []
  if (
    message?.role !== "user" ||
    input.messages.length !== 1 ||
    message.content.length !== 1 ||
    part?.audio === undefined ||
    part.text !== undefined
  )
    return Either.left(refusals.parameter("This model takes exactly one audio and no text"))
  if (stream && parameters.incremental_output !== true)
    return Either.left(refusals.parameter("The incremental_output parameter of this model cannot be set to False."))
  return Either.right({
    protocol: "native",
    model,
    vendor,
    system: "",
    prompt: "",
    audio: part.audio,
    frames: undefined,
    video: undefined,
    stream,
    withUsage: true,
    sampling: samplingOf(parameters),
    maxTokens: parameters.max_tokens ?? vendor.maxOutputTokens
  })
}

/** Checks the form of a request as strictly as the service does, and reads what is asked. */
export const check = (protocol: Protocol, body: unknown, streamHeader: boolean): Check =>
  protocol === "native" ? native(body, streamHeader) : compatible(body, protocol)
