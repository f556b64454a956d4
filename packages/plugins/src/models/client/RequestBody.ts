import type { Json } from "@mediaspool/core"
import type { ModelSpec } from "../catalog/ModelSpec.js"
import type { Dialect } from "../catalog/Provider.js"

/** Audio as a request carries it. */
export interface AudioPart {
  /** `data:audio/mpeg;base64,…`, `https://…` or `oss://…`. */
  readonly url: string
  /** The container's short name: `mp3`. */
  readonly format: string
  /** Whether its channels are places, and not to be mixed. */
  readonly isMultichannel?: boolean
}

/** What is to be seen, as a request carries it: pictures in their order, or a video file with its sound. */
export type PicturesPart =
  { readonly _tag: "Frames"; readonly urls: ReadonlyArray<string> } | { readonly _tag: "File"; readonly url: string }

/** How an answer is drawn. What is absent is the service's to choose. */
export interface Sampling {
  readonly temperature?: number | undefined
  readonly topP?: number | undefined
  readonly topK?: number | undefined
  readonly seed?: number | undefined
  readonly maxTokens?: number | undefined
  /** How long a model thinks before it answers; absent: not at all. */
  readonly effort?: "low" | "medium" | "high" | undefined
}

/** One question to a model, before any dialect. */
export interface Request {
  readonly model: ModelSpec
  readonly system?: string | undefined
  readonly audio?: AudioPart | undefined
  readonly pictures?: PicturesPart | undefined
  readonly prompt?: string | undefined
  readonly sampling: Sampling
  /** What vectors are made of: all that an embedding model is asked. */
  readonly texts?: ReadonlyArray<string> | undefined
  /** Numbers of a vector; the model's own choice when left out. */
  readonly dimensions?: number | undefined
  /** A JSON schema that the answer has to follow, for servers that can force it. */
  readonly schema?: Json | undefined
}

type Body = { readonly [key: string]: Json }

/** Leaves out what nobody set: an `undefined` is no JSON. */
const present = (fields: Readonly<Record<string, Json | undefined>>): Body => {
  const body: Record<string, Json> = {}
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) body[key] = value
  return body
}

const audioPart = (dialect: Dialect, { model }: Request, audio: AudioPart): Json =>
  dialect === "dashscope"
    ? { type: "input_audio", input_audio: present({ data: audio.url, format: model.kind === "omni" ? audio.format : undefined }) }
    : // vLLM puts its own `data:` in front of what `input_audio` holds, so a data URL has to go the other way.
      { type: "audio_url", audio_url: { url: audio.url } }

const pictureParts = (dialect: Dialect, pictures: PicturesPart): ReadonlyArray<Json> =>
  pictures._tag === "File"
    ? [{ type: "video_url", video_url: { url: pictures.url } }]
    : dialect === "dashscope"
      ? [{ type: "video", video: pictures.urls }]
      : pictures.urls.map((url) => ({ type: "image_url", image_url: { url } }))

const messages = (dialect: Dialect, request: Request): Json => {
  const { audio, pictures, prompt, system } = request
  const text: ReadonlyArray<Json> = prompt === undefined ? [] : [{ type: "text", text: prompt }]
  const media = [
    ...(pictures === undefined ? [] : pictureParts(dialect, pictures)),
    ...(audio === undefined ? [] : [audioPart(dialect, request, audio)])
  ]
  const content: Json = media.length === 0 ? (prompt ?? "") : [...media, ...text]
  return [...(system === undefined ? [] : [{ role: "system", content: system }]), { role: "user", content }]
}

const forced = (dialect: Dialect, { model, schema }: Request): Json | undefined =>
  schema === undefined || dialect === "dashscope" || model.kind === "captioner"
    ? undefined
    : { type: "json_schema", json_schema: { name: "answer", schema } }

/** The body of `POST /chat/completions`. */
export const compatible = (dialect: Dialect, request: Request, stream: boolean): Body => {
  const { model } = request
  const sampling = { ...model.sampling, ...clean(request.sampling) }
  return present({
    model: model.servedAs,
    messages: messages(dialect, request),
    ...(dialect === "dashscope" && model.kind === "omni" ? { modalities: ["text"] } : {}),
    ...(model.thinks ? { enable_thinking: sampling.effort !== undefined, reasoning_effort: sampling.effort } : {}),
    ...(request.audio?.isMultichannel === true ? { use_multichannel: true } : {}),
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK,
    seed: sampling.seed,
    max_tokens: sampling.maxTokens,
    response_format: forced(dialect, request),
    ...(stream ? { stream: true, stream_options: { include_usage: true } } : {})
  })
}

/** The body of DashScope's own protocol; the captioner's, so without a prompt. */
export const native = (request: Request, stream: boolean): Body => {
  const { audio, model, sampling } = request
  return {
    model: model.servedAs,
    input: { messages: [{ role: "user", content: audio === undefined ? [] : [{ audio: audio.url }] }] },
    parameters: present({
      temperature: sampling.temperature,
      top_p: sampling.topP,
      top_k: sampling.topK,
      seed: sampling.seed,
      max_tokens: sampling.maxTokens,
      incremental_output: stream ? true : undefined
    })
  }
}

const clean = (sampling: Sampling): Sampling =>
  Object.fromEntries(Object.entries(sampling).filter(([, value]) => value !== undefined))

/** The parameters as a call's identity has them: what is sent, so a change of the server's defaults isn't one. */
export const identity = (model: ModelSpec, sampling: Sampling): Body => present({ ...model.sampling, ...clean(sampling) })

/** `oss://` addresses are looked up only when this header asks for it. */
export const headers = (request: Request): Readonly<Record<string, string>> =>
  request.audio?.url.startsWith("oss://") === true ? { "X-DashScope-OssResourceResolve": "enable" } : {}
