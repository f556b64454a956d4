import { Either, Schema } from "effect"
import { randomUUID } from "node:crypto"
import type { Json } from "../stage/Json.js"
import { isKind, type Kind } from "../stage/Kind.js"
import * as Port from "../stage/Port.js"
import type { AnyStage } from "../stage/Stage.js"
import * as Digest from "./Digest.js"
import * as Identity from "./Identity.js"
import * as Key from "./Key.js"

const digestOf = (kinds: ReadonlyArray<Kind>, value: unknown): Either.Either<string, unknown> => {
  const kind = kinds.find((kind) => Schema.is(kind)(value))
  if (kind === undefined) return Either.left("no kind of the port")
  return Either.flatMap(Schema.encodeUnknownEither(kind)(value), Digest.make(kind))
}

const isNamed = (value: unknown): value is { readonly node: string; readonly value: unknown } =>
  typeof value === "object" && value !== null && "node" in value && typeof value.node === "string" && "value" in value

/** What one port was given. A port without kinds takes any: what it was given stands for itself. */
const given = (port: Port.Port, value: unknown): Either.Either<Key.Given, unknown> => {
  if (port.mode !== "all") return value === undefined ? Either.right(undefined) : digestOf(port.kinds, value)
  const values = Array.isArray(value) ? value.filter(isNamed) : []
  return Either.all(
    values.map(({ node, value }) => {
      const kinds = port.kinds.length > 0 ? port.kinds : ownKind(value)
      return Either.map(digestOf(kinds, value), (digest) => ({ node, digest }))
    })
  )
}

/** An instance's class is its kind. */
const ownKind = (value: unknown): ReadonlyArray<Kind> => {
  const made: unknown = typeof value === "object" && value !== null ? value.constructor : undefined
  return isKind(made) ? [made] : []
}

/**
 * The key of one run of a stage, as a run of a pipeline makes it: of its name and version, config and inputs, and for a sink of the
 * pipeline and node too. Made when it is first asked for; inputs that can't be written down give a key that nothing else has.
 *
 * @param keyParts what `stage.keyParts` gives
 */
export const make = (
  stage: AnyStage,
  inputs: Readonly<Record<string, unknown>>,
  config: unknown,
  keyParts: Readonly<Record<string, Json>>,
  { node, pipeline }: { readonly pipeline: string; readonly node: string }
): (() => string) => {
  let key: string | undefined
  return () => (key ??= of(stage, inputs, config, stage.sink ? { ...keyParts, pipeline, node } : keyParts))
}

const of = (
  stage: AnyStage,
  inputs: Readonly<Record<string, unknown>>,
  config: unknown,
  keyParts: Readonly<Record<string, Json>>
): string =>
  Either.getOrElse(
    Either.gen(function* () {
      const prefix = yield* Key.prefix({ stage, identity: yield* Identity.of(stage.config, config) }, keyParts)
      const digests: Record<string, Key.Given> = {}
      for (const name of Object.keys(stage.input)) digests[name] = yield* given(Port.of(stage.input[name]), inputs[name])
      return Key.of(prefix, digests)
    }),
    () => randomUUID()
  )
