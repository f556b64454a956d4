import { Schema } from "effect"
import * as Field from "../stage/Field.js"
import { SecretRef } from "../stage/Secret.js"
import type { AnyStage } from "../stage/Stage.js"
import { NAME } from "../stage/Name.js"
import { folderOf } from "./SourceConfig.js"

const ADDRESS = /^(\[[0-9a-fA-F:.]+\]|[^\s:/]+):\d{1,5}$/

const Queue = Schema.String.pipe(
  Schema.pattern(/^rediss?:\/\/[^\s]+$/, {
    message: () => "expected redis://HOST:PORT, or rediss://HOST:PORT for TLS; a password stands under 'password'"
  })
)

const Roots = Schema.Record({
  key: Schema.String.pipe(Schema.pattern(NAME)),
  value: Schema.NonEmptyString
})

const addressOf = (text: string) => {
  const at = text.lastIndexOf(":")
  return { host: text.slice(0, at).replace(/^\[|\]$/g, ""), port: Number(text.slice(at + 1)) }
}

/** How the machines that share the work find each other, as it is written. */
export const WorkersConfig = Schema.Struct({
  queue: Field.required(Queue, "The Redis or Valkey server that all machines reach: redis://HOST:PORT"),
  password: Field.maybe(SecretRef, "Where the server's password is"),
  files: Field.withDefault(
    Schema.Literal("fetch", "shared"),
    "fetch",
    "How workers read files: from the coordinator over HTTP, or from a share that all machines mount"
  ),
  roots: Field.maybe(
    Roots,
    "Folders of the share by name, as they are mounted here; without roots, paths are the same everywhere"
  ),
  outbox: Field.maybe(Schema.NonEmptyString, "A folder on the share that results go through; without it workers upload them"),
  local: Field.maybe(
    Schema.Union(Schema.Literal("none"), Schema.Int.pipe(Schema.between(1, 1_024))),
    "Slots of this machine for what workers don't take; without it one a processor"
  ),
  listen: Field.maybe(
    Schema.String.pipe(
      Schema.pattern(ADDRESS, { message: () => "expected HOST:PORT" }),
      Schema.filter((text) => addressOf(text).port <= 65_535, { message: () => "expected a port up to 65535" })
    ),
    "Where workers fetch and deliver files; without it the address that the queue's server sees, on a free port"
  ),
  url: Field.maybe(
    Schema.String.pipe(
      Schema.pattern(/^https?:\/\/[^\s]+$/),
      Schema.filter((text) => URL.canParse(text), { message: () => "expected http://HOST:PORT" })
    ),
    "What workers call, where that is not the address of 'listen': behind a proxy, or in a container"
  )
})

/** The section, ready to use. */
export interface WorkersSettings {
  readonly queue: string
  readonly password: SecretRef | undefined
  readonly files: "fetch" | "shared"
  /** Absolute, by name. */
  readonly roots: ReadonlyMap<string, string>
  /** Absolute. */
  readonly outbox: string | undefined
  /** Slots of this machine; 0: none; absent: one a processor. */
  readonly local: number | undefined
  readonly listen: { readonly host: string; readonly port: number } | undefined
  readonly url: string | undefined
}

/** @param base the config's folder */
export const settingsOf = (config: typeof WorkersConfig.Type, base: string): WorkersSettings => ({
  queue: config.queue,
  password: config.password,
  files: config.files,
  roots: new Map(Object.entries(config.roots ?? {}).map(([name, folder]) => [name, folderOf(folder, base)])),
  outbox: config.outbox === undefined ? undefined : folderOf(config.outbox, base),
  local: config.local === "none" ? 0 : config.local,
  listen: config.listen === undefined ? undefined : addressOf(config.listen),
  url: config.url
})

/** Why a stage runs on the coordinator only; `undefined` where it may go. */
export const staysHome = (stage: AnyStage): string | undefined =>
  stage.sink
    ? `'${stage.name}' writes to the library, which is the coordinator's`
    : stage.resource !== undefined
      ? `'${stage.name}' asks a service: its paid calls, limits and budget stay with the coordinator`
      : undefined
