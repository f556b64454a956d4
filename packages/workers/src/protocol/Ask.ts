import { Canonical } from "@mediaspool/core"
import { Either, Schema } from "effect"
import { createHash } from "node:crypto"

/** What a kind of job asks of whoever runs it: jobs of one kind share a queue, and only workers that fit take from it. */
export class Ask extends Schema.Class<Ask>("@mediaspool/workers/Ask")({
  stage: Schema.String,
  /** Of the stage. */
  version: Schema.Int,
  plugin: Schema.String,
  /** Of the plugin's package; empty where it has none. */
  pluginVersion: Schema.String,
  /** It reads media. */
  engine: Schema.Boolean,
  /** Roots by name that the files may be in. */
  roots: Schema.Array(Schema.String)
}) {}

/** The queue's name: readable, and another for everything that makes a difference. BullMQ allows no colon. */
export const queueName = (ask: Ask): string => {
  const text = Either.getOrElse(Canonical.stringify({ ...ask, roots: [...ask.roots].sort() }), () => JSON.stringify(ask))
  return `${ask.stage}-${ask.version}-${createHash("sha256").update(text).digest("hex").slice(0, 12)}`
}
