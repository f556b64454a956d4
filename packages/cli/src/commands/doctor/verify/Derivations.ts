import { Database, type StoreError } from "@mediaspool/core"
import { Effect } from "effect"

/** What was recorded as made from a content, step after step. */
export interface Derived {
  /** Keys of results in the ledger. */
  readonly keys: ReadonlySet<string>
  /** Keys of answered calls in which one of these results was heard or seen. */
  readonly calls: ReadonlyArray<string>
}

/** Results of a whole library by what they were made from. */
export interface Derivations {
  /** `undefined` for a content of which no first step is recorded. */
  readonly of: (contentHash: string) => Derived | undefined
}

interface Step {
  readonly key: string
  readonly digest: string
}

/** Digests among the inputs, as keys are made of them: base64url of 32 bytes. */
const digests = /"([\w-]{43})"/g

const push = <A>(map: Map<string, Array<A>>, key: string, value: A): void => {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

const RESULTS = `SELECT key, inputs, digest,
  CASE WHEN json_extract(value, '$._tag') = 'SourceFile' THEN json_extract(value, '$.file.hash') END AS hash
FROM ledger WHERE outcome = 'value'`

const CALLS = `SELECT key, coalesce(json_extract(identity, '$.audio.key'), json_extract(identity, '$.video.key')) AS sent
FROM call WHERE state = 'answered'`

/** Reads the ledger once: a result names its inputs, and nothing else finds those that name it. */
export const read: Effect.Effect<Derivations, StoreError, Database> = Effect.gen(function* () {
  const database = yield* Database
  /** Results by the digest of an input, the inputs of a first step by its content, and calls by the result that was sent. */
  const madeFrom = new Map<string, Array<Step>>()
  const origins = new Map<string, Array<string>>()
  const sent = new Map<string, Array<string>>()
  for (const row of yield* database.reading(() => database.rows(RESULTS, []))) {
    const step = { key: String(row["key"]), digest: String(row["digest"]) }
    for (const [, digest = ""] of String(row["inputs"]).matchAll(digests)) {
      push(madeFrom, digest, step)
      if (typeof row["hash"] === "string") push(origins, row["hash"], digest)
    }
  }
  for (const { key, sent: result } of yield* database.reading(() => database.rows(CALLS, [])))
    if (typeof result === "string") push(sent, result, String(key))

  return {
    of: (contentHash) => {
      const first = origins.get(contentHash)
      if (first === undefined) return undefined
      const keys = new Set<string>()
      const open = [...first]
      for (let digest = open.pop(); digest !== undefined; digest = open.pop())
        for (const step of madeFrom.get(digest) ?? [])
          if (!keys.has(step.key)) {
            keys.add(step.key)
            open.push(step.digest)
          }
      return { keys, calls: [...keys].flatMap((key) => sent.get(key) ?? []) }
    }
  }
})
