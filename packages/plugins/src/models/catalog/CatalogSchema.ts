import { Schema } from "effect"
import { Price } from "./Price.js"

/** Where DashScope's machines are. A model isn't sold in every region, and not at the same price. */
export const Region = Schema.Literal("cn", "intl", "us", "hk", "jp", "eu")
export type Region = typeof Region.Type

/** `captioner` takes audio and nothing else, `omni` audio with a prompt, `chat` text; `embedding` makes vectors of texts. */
export const ModelKind = Schema.Literal("captioner", "omni", "chat", "embedding")
export type ModelKind = typeof ModelKind.Type

/** What a stage wants of a model. */
export type Task = "caption" | "tags" | "ask" | "watch" | "chat" | "embed"

const Seconds = Schema.Positive
const Bytes = Schema.Int.pipe(Schema.positive())
const Tokens = Schema.Int.pipe(Schema.positive())

/** What a model hears and how much of it. */
export const AudioLimits = Schema.Struct({
  /** Longest audio of one request. */
  maxSeconds: Seconds,
  /** The whole data URL must stay below. */
  maxBase64Bytes: Bytes,
  maxUrlBytes: Bytes,
  /** Tokens that a second counts as; less than a second counts as one. */
  tokensPerSecond: Schema.Positive,
  /** Containers, by short name. */
  formats: Schema.Array(Schema.String),
  /** Seconds of audio in one request that keep the detail a task needs. */
  detail: Schema.Struct({ caption: Seconds, tags: Seconds, ask: Seconds })
})
export type AudioLimits = typeof AudioLimits.Type

/** What a model sees of a video, and how much of it. */
export const VideoLimits = Schema.Struct({
  /** Longest video file of one request. */
  maxSeconds: Seconds,
  /** Most pictures of one request, where a video is sent as pictures; two make a video. */
  maxFrames: Schema.Int.pipe(Schema.greaterThanOrEqualTo(2)),
  /** Tokens that a picture of 448 pixels counts as. */
  tokensPerFrame: Schema.Positive,
  /** Where its sound goes: beside the pictures, or only in a video file. */
  sound: Schema.Literal("beside", "inside"),
  /** Seconds of video in one request that keep the detail a task needs. */
  detail: Schema.Struct({ caption: Seconds, tags: Seconds, ask: Seconds })
})
export type VideoLimits = typeof VideoLimits.Type

/** Where a figure was read, and when. */
const Checked = {
  checked: Schema.String.pipe(Schema.pattern(/^\d{4}-\d{2}-\d{2}$/)),
  source: Schema.NonEmptyTrimmedString
}

/** A model as its vendor describes it. */
export const CatalogModel = Schema.Struct({
  kind: ModelKind,
  contextTokens: Tokens,
  maxInputTokens: Tokens,
  maxOutputTokens: Tokens,
  audio: Schema.optionalWith(Schema.partialWith(AudioLimits, { exact: true }), { exact: true }),
  /** It takes pictures and video too. */
  sees: Schema.optionalWith(Schema.Boolean, { exact: true }),
  video: Schema.optionalWith(Schema.partialWith(VideoLimits, { exact: true }), { exact: true }),
  streamOnly: Schema.optionalWith(Schema.Boolean, { exact: true }),
  thinks: Schema.optionalWith(Schema.Boolean, { exact: true }),
  /** It hears where sounds come from: sound of several channels isn't mixed for it. */
  multichannel: Schema.optionalWith(Schema.Boolean, { exact: true }),
  /** The model that its vendor names in its place. */
  replacedBy: Schema.optionalWith(Schema.String, { exact: true }),
  regions: Schema.NonEmptyArray(Region),
  /** Regions without a price of their own have that of Singapore. */
  prices: Schema.Struct({
    cn: Schema.optionalWith(Price, { exact: true }),
    intl: Schema.optionalWith(Price, { exact: true })
  }),
  ...Checked
})
export type CatalogModel = typeof CatalogModel.Type

/** A region, and the hosts in it. */
const CatalogRegion = Schema.Struct({
  place: Schema.String,
  /** The host that all accounts share; newer regions have none. */
  host: Schema.optionalWith(Schema.String, { exact: true }),
  /** The region's name in a workspace's own host: `{WorkspaceId}.{region}.maas.aliyuncs.com`. */
  workspace: Schema.String,
  ...Checked
})

/** Models, regions, limits, prices and hosts, each with its source and the day when it was read. */
export const Catalog = Schema.Struct({
  regions: Schema.Record({ key: Region, value: CatalogRegion }),
  models: Schema.Record({ key: Schema.String, value: CatalogModel })
})
export type Catalog = typeof Catalog.Type
