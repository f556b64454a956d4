import { Either, Option, Schema } from "effect"
import type { Json } from "../stage/Json.js"
import type { Note } from "../stage/Node.js"
import type { AnyStage } from "../stage/Stage.js"
import * as Canonical from "./Canonical.js"
import { sha256 } from "./Digest.js"

/**
 * What one port was given, by digest: a digest for `one`; the same or `undefined` for `maybe`; for `all` every node that settled,
 * in the plan's order.
 */
export type Given = string | undefined | ReadonlyArray<{ readonly node: string; readonly digest: string }>

/** The part of a node's keys that is the same for every item: made once per node and run. */
export interface Prefix {
  /** RFC 8785 JSON up to the inputs. */
  readonly head: string
  /** RFC 8785 JSON after the inputs. */
  readonly tail: string
  /** The ports in RFC 8785's order, each with its name as JSON. */
  readonly ports: ReadonlyArray<{ readonly name: string; readonly json: string }>
}

/**
 * Everything but the inputs.
 *
 * @param node its stage, and its config without defaults and secrets ({@link PlannedNode.identity})
 * @param keyParts what `stage.keyParts` gives
 */
export const prefix = (
  node: { readonly stage: AnyStage; readonly identity: Json },
  keyParts: { readonly [key: string]: Json } = {}
): Either.Either<Prefix, Canonical.CanonicalError> =>
  Either.gen(function* () {
    const config = yield* Canonical.stringify(node.identity)
    const more = yield* Canonical.stringify(keyParts)
    return {
      // Keys in the order that RFC 8785 asks for; what was stored first as `extras` keeps its name: config, extras, inputs, stage, version.
      head: `{"config":${config},"extras":${more},"inputs":{`,
      tail: `},"stage":${JSON.stringify(node.stage.name)},"version":${JSON.stringify(node.stage.version)}}`,
      ports: Object.keys(node.stage.input)
        .sort()
        .map((name) => ({ name, json: JSON.stringify(name) }))
    }
  })

const writeGiven = (given: Exclude<Given, undefined>): string =>
  typeof given === "string"
    ? `"${given}"`
    : `[${given.map(({ digest, node }) => `{"digest":"${digest}","node":${JSON.stringify(node)}}`).join(",")}]`

/** A note among the inputs. No port has its name, and RFC 8785 puts it before them all. */
const writeNote = ({ text, times }: Note): string => `"#note":{"text":${JSON.stringify(text)},"times":${times}}`

/** What is hashed, as RFC 8785 JSON: `{ config, extras, inputs, stage, version }`. Stored beside the key, so that a rerun can be explained. */
export const preimage = (prefix: Prefix, inputs: Readonly<Record<string, Given>>, note?: Note): string => {
  let text = prefix.head
  let first = note === undefined
  if (note !== undefined) text += writeNote(note)
  for (const port of prefix.ports) {
    const given = inputs[port.name]
    if (given === undefined) continue
    text += `${first ? "" : ","}${port.json}:${writeGiven(given)}`
    first = false
  }
  return text + prefix.tail
}

/** The key of a result: the same stage, version, config, inputs and keyParts give the same key. 43 characters; a hot path. */
export const of = (prefix: Prefix, inputs: Readonly<Record<string, Given>>, note?: Note): string =>
  sha256(preimage(prefix, inputs, note))

const Preimage = Schema.parseJson(
  Schema.Struct({ config: Schema.Unknown, extras: Schema.Unknown, stage: Schema.String, version: Schema.Number })
)

/** What a stored preimage says, its inputs aside; `None` for a text that is none. */
export const parse = (text: string): Option.Option<typeof Preimage.Type> => Schema.decodeUnknownOption(Preimage)(text)

/** The prefix that a preimage without inputs was made of, for the ports of the same stage as it is now. */
export const prefixOf = (text: string, ports: Prefix["ports"]): Option.Option<Prefix> => {
  const gap = '"inputs":{'
  const at = Option.isSome(parse(text)) ? text.lastIndexOf(`${gap}},"stage":`) : -1
  return at === -1
    ? Option.none()
    : Option.some({ head: text.slice(0, at + gap.length), tail: text.slice(at + gap.length), ports })
}
