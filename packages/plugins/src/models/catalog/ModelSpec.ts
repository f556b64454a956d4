import { Either, Option } from "effect"
import { closest, distance } from "fastest-levenshtein"
import { ModelError } from "../ModelError.js"
import type { Price } from "./Price.js"
import type { Dialect, ModelSettings, Provider } from "./Provider.js"
import * as ModelCatalog from "./ModelCatalog.js"
import type { AudioLimits, ModelKind, Task, VideoLimits } from "./ModelCatalog.js"

/** What is known of a model, as it stands at one provider. */
export interface ModelSpec {
  /** The name in result and call keys. */
  readonly name: string
  /** The name on the wire. */
  readonly servedAs: string
  readonly kind: ModelKind
  readonly contextTokens: number
  readonly maxInputTokens: number
  readonly maxOutputTokens: number
  /** Absent for a model that reads. */
  readonly audio: AudioLimits | undefined
  /** Absent for a model that can't see. */
  readonly video: VideoLimits | undefined
  readonly streamOnly: boolean
  /** `enable_thinking: false` has to be sent, or it thinks aloud. */
  readonly thinks: boolean
  /** It hears where sounds come from. */
  readonly multichannel: boolean
  /** Nothing is known of it: its limits and abilities are the family's. */
  readonly isAssumed: boolean
  /** Tokens of a usual answer: for the estimate before, never for the bill. */
  readonly usualOutputTokens: number
  readonly price: Price | undefined
  /** Sampling that its makers recommend, where the server doesn't set it by itself. */
  readonly sampling:
    { readonly temperature: number; readonly topP: number; readonly topK: number; readonly maxTokens: number } | undefined
}

/** The model that a task takes when the config names none. */
const usual = (dialect: Dialect, task: Task): string =>
  task === "caption"
    ? "qwen3-omni-30b-a3b-captioner"
    : task === "embed"
      ? dialect === "dashscope"
        ? "text-embedding-v4"
        : "qwen3-embedding-0.6b"
      : dialect !== "dashscope"
        ? "qwen3-omni-30b-a3b-instruct"
        : task === "chat"
          ? "qwen-plus"
          : "qwen3-omni-flash"

/** `Qwen/Qwen3-Omni-30B-A3B-Captioner` is `qwen3-omni-30b-a3b-captioner`. */
const plain = (name: string): string => name.slice(name.lastIndexOf("/") + 1).toLowerCase()

/** A known name that this one was probably meant to be. */
export const nearest = (name: string, known: ReadonlyArray<string>): string | undefined => {
  const near = known.length === 0 ? undefined : closest(name, known)
  return near !== undefined && distance(name, near) <= 2 ? near : undefined
}

const priceAt = (vendor: ModelCatalog.CatalogModel | undefined, { region }: Provider): Price | undefined =>
  vendor === undefined || region === undefined ? undefined : ModelCatalog.priceIn(vendor, region)

/** What a model sees, as far as that is known: omni models that nobody has described see as their family does. */
const videoOf = (
  kind: ModelKind,
  vendor: ModelCatalog.CatalogModel | undefined,
  own: ModelSettings,
  { maxWindow = Infinity }: Provider
): VideoLimits | undefined => {
  if (kind !== "omni" || !(own.sees ?? vendor?.sees ?? vendor === undefined)) return undefined
  const video = { ...ModelCatalog.usualVideo, ...vendor?.video }
  return {
    ...video,
    maxSeconds: Math.min(own.maxVideoSeconds ?? video.maxSeconds, maxWindow),
    maxFrames: own.maxFrames ?? video.maxFrames,
    tokensPerFrame: own.tokensPerFrame ?? video.tokensPerFrame
  }
}

const recommended = { temperature: 0.6, topP: 0.95, topK: 20, maxTokens: 16384 }

const compose = (
  provider: Provider,
  name: string,
  vendor: ModelCatalog.CatalogModel | undefined,
  own: ModelSettings
): ModelSpec => {
  const kind = own.kind ?? vendor?.kind ?? "chat"
  const audio = { ...ModelCatalog.usualAudio, ...vendor?.audio }
  return {
    name,
    servedAs: own.servedAs ?? name,
    kind,
    contextTokens: own.contextTokens ?? vendor?.contextTokens ?? 32_768,
    maxInputTokens: own.maxInputTokens ?? vendor?.maxInputTokens ?? own.contextTokens ?? 32_768,
    maxOutputTokens: own.maxOutputTokens ?? vendor?.maxOutputTokens ?? 8192,
    audio:
      kind === "chat" || kind === "embedding"
        ? undefined
        : {
            ...audio,
            maxSeconds: Math.min(own.maxSeconds ?? audio.maxSeconds, provider.maxWindow ?? Infinity),
            maxBase64Bytes: own.maxBase64Bytes ?? audio.maxBase64Bytes,
            maxUrlBytes: own.maxUrlBytes ?? audio.maxUrlBytes,
            tokensPerSecond: own.tokensPerSecond ?? audio.tokensPerSecond,
            formats: own.formats ?? (provider.dialect === "dashscope" ? audio.formats : [...audio.formats, "flac", "ogg"])
          },
    video: videoOf(kind, vendor, own, provider),
    streamOnly: own.streamOnly ?? (provider.dialect === "dashscope" && (vendor?.streamOnly ?? kind === "omni")),
    thinks: own.thinks ?? vendor?.thinks ?? false,
    multichannel: own.multichannel ?? vendor?.multichannel ?? false,
    isAssumed: vendor === undefined && !Object.hasOwn(provider.models, name),
    usualOutputTokens: kind === "captioner" ? 400 : kind === "embedding" ? 0 : 150,
    price: own.price ?? priceAt(vendor, provider),
    sampling: provider.dialect === "dashscope" || kind === "chat" || kind === "embedding" ? undefined : recommended
  }
}

/**
 * The model of this name at this provider. One that nobody has described is taken for a new one of the family (`isAssumed`), unless
 * its name is nearly that of a known one: that is a slip.
 */
export const resolve = (provider: Provider, wanted: string | undefined, task: Task): Either.Either<ModelSpec, ModelError> => {
  const name = wanted ?? usual(provider.dialect, task)
  const own = Option.fromNullable(
    Object.entries(provider.models).find(([key, { servedAs }]) => key === name || servedAs === name)
  )
  const canonical = Option.match(own, { onNone: () => plain(name), onSome: ([key]) => key })
  const vendor = Object.hasOwn(ModelCatalog.models, plain(canonical)) ? ModelCatalog.models[plain(canonical)] : undefined
  const settings = Option.match(own, { onNone: (): ModelSettings => ({ servedAs: name }), onSome: ([, found]) => found })
  const unknown = vendor === undefined && settings.kind === undefined
  // A model that the config describes, with however little, is meant.
  const near =
    unknown && Option.isNone(own)
      ? nearest(plain(name), [...Object.keys(provider.models), ...Object.keys(ModelCatalog.models)])
      : undefined
  if (near !== undefined)
    return Either.left(
      new ModelError({
        code: "ModelUnknown",
        detail: `nothing is known of the model '${name}' at '${provider.name}'; did you mean '${near}'?`
      })
    )
  if (vendor !== undefined && provider.region !== undefined && !vendor.regions.includes(provider.region))
    return Either.left(
      new ModelError({
        code: "ModelNotHere",
        detail: `'${canonical}' is not offered in the region of '${provider.name}', only in ${vendor.regions.map((region) => `dashscope-${region}`).join(" and ")}`
      })
    )
  // A new model of the family takes what the family takes, as far as that is known.
  const assumed: ModelSettings =
    unknown && task !== "chat" ? { ...settings, kind: task === "embed" ? "embedding" : "omni" } : settings
  const profile = compose(provider, vendor === undefined ? canonical : plain(canonical), vendor, assumed)
  if ((profile.kind === "embedding") !== (task === "embed"))
    return Either.left(
      new ModelError({
        code: "ModelUnfit",
        detail:
          task === "embed" ? `'${profile.name}' makes no vectors` : `'${profile.name}' makes vectors and answers no question`
      })
    )
  if (profile.kind === "captioner" && task !== "caption")
    return Either.left(
      new ModelError({ code: "PromptRefused", detail: `'${profile.name}' is a captioner: it takes no prompt and no question` })
    )
  if (profile.kind === "chat" && task !== "chat")
    return Either.left(new ModelError({ code: "ModelDeaf", detail: `'${profile.name}' reads text and doesn't listen` }))
  if (task === "watch" && profile.video === undefined)
    return Either.left(
      new ModelError({ code: "ModelBlind", detail: `'${profile.name}' at '${provider.name}' takes no pictures` })
    )
  return Either.right(profile)
}

/** Tokens that so much audio counts as. */
export const audioTokens = (profile: ModelSpec, seconds: number): number =>
  profile.audio === undefined ? 0 : Math.ceil(Math.max(1, seconds) * profile.audio.tokensPerSecond)
