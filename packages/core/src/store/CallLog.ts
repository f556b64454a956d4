import { BigDecimal, Context, Effect, Layer, Option } from "effect"
import { dirname } from "node:path"
import type { Call, Reply } from "../stage/Calls.js"
import { Money, Usage } from "../stage/Cost.js"
import type { Row, Value } from "../stage/Library.js"
import { Database } from "./Database.js"
import { ProcessLock } from "./ProcessLock.js"
import * as ReplyReserve from "./ReplyReserve.js"
import type { StoreError } from "./StoreError.js"

/** Whose work a call is; a command that is no run has none of them. */
export interface CallOrigin {
  readonly run?: number
  readonly item?: number
  readonly node?: string
}

/** What is known of a call. */
export type Known =
  | { readonly _tag: "Answered"; readonly reply: Reply }
  /** Sent by this owner, and no answer is on disk. */
  | { readonly _tag: "Sent"; readonly owner: string }

/** Paid calls: intents, replies and what they cost. */
export interface Service {
  /** Synchronous: a short read. */
  readonly find: (key: string) => Known | undefined
  /**
   * Commits the intent and gives `undefined`; or what is there already: an answer, or an intent that isn't `replaces`'s,
   * the dead owner whose call is made again. Fails while a reply waits to be written: until then nothing more is paid for.
   */
  readonly send: (intent: {
    readonly key: string
    readonly identity: string
    readonly call: Call
    readonly origin: CallOrigin
    readonly replaces?: string | undefined
  }) => Effect.Effect<Known | undefined, StoreError>
  /**
   * Commits the reply as it came: to the database, or, on a full disk, to room that was laid aside. It is known from then on, also when
   * this fails: then only this process knows it.
   */
  readonly answer: (key: string, reply: Reply) => Effect.Effect<void, StoreError>
  /** Takes the intent back: the request came to nothing. */
  readonly withdraw: (key: string) => Effect.Effect<void, StoreError>
  /** Writes the replies that dead owners could keep, but not write. */
  readonly adopt: Effect.Effect<void, StoreError>
  /** Forgets a call whose outcome is unknown, so that it is made, and perhaps paid, again. */
  readonly release: (keys: ReadonlyArray<string>) => Effect.Effect<void, StoreError>
  /** Synchronous: a short read. */
  readonly decision: (key: string) => string | undefined
  /** Commits a decision, and gives the one that stands: the first. */
  readonly decide: (key: string, identity: string, value: string) => Effect.Effect<string, StoreError>
  /**
   * What calls cost in one currency, those in flight by their estimates. Synchronous: a short read.
   *
   * @param during `since` in milliseconds since 1970; the other fields narrow it
   */
  readonly spentBetween: (during: {
    readonly currency: string
    readonly since: number
    readonly account?: string
    readonly pipeline?: string
    readonly run?: number
  }) => number
  /** What answered calls cost, by currency. Times are milliseconds since 1970. */
  readonly spent: (
    during: { readonly run: number } | { readonly since: number }
  ) => Effect.Effect<ReadonlyArray<Money>, StoreError>
}

const FIND = "SELECT * FROM call WHERE key = ?"

const text = (value: Value | undefined): string | undefined => (typeof value === "string" ? value : undefined)

/** An amount as it is stored: a decimal, and its currency. */
const moneyOf = (amount: Value | undefined, currency: Value | undefined): Money | undefined => {
  const parsed = Option.getOrUndefined(BigDecimal.fromString(String(amount ?? "")))
  return typeof amount === "string" && typeof currency === "string" && parsed !== undefined
    ? new Money({ currency, amount: parsed })
    : undefined
}

/** The stored form of an amount. */
export const decimal = (money: Money | undefined): string | null =>
  money === undefined ? null : BigDecimal.format(BigDecimal.normalize(money.amount))

const usageOf = (row: Row): Usage | undefined => {
  const { audio_tokens: audio, input_tokens: input, output_tokens: output } = row
  return typeof input !== "number" || typeof output !== "number"
    ? undefined
    : new Usage({ inputTokens: input, outputTokens: output, ...(typeof audio === "number" ? { audioTokens: audio } : {}) })
}

const knownOf = (row: Row): Known =>
  row["state"] === "answered"
    ? {
        _tag: "Answered",
        reply: {
          body: String(row["body"]),
          requestId: text(row["request_id"]),
          usage: usageOf(row),
          price: moneyOf(row["amount"], row["currency"])
        }
      }
    : { _tag: "Sent", owner: String(row["owner"]) }

/** One currency's amounts added up, exactly. */
export const total = (amounts: ReadonlyArray<Money>): ReadonlyArray<Money> => {
  const sums = new Map<string, BigDecimal.BigDecimal>()
  for (const { amount, currency } of amounts)
    sums.set(currency, BigDecimal.sum(sums.get(currency) ?? BigDecimal.make(0n, 0), amount))
  return [...sums].map(([currency, amount]) => new Money({ currency, amount }))
}

const SEND = `INSERT INTO call (key, identity, account, model, state, owner, run, item, node, sent, sent_at, amount, currency)
  VALUES (?, ?, ?, ?, 'sent', ?, ?, ?, ?, 1, ?, ?, ?)
  ON CONFLICT (key) DO UPDATE SET owner = excluded.owner, run = excluded.run, item = excluded.item, node = excluded.node,
    sent = sent + 1, sent_at = excluded.sent_at
  WHERE state = 'sent' AND owner = ?
  RETURNING key`

const ANSWER = `UPDATE call SET state = 'answered', answered_at = ?, body = ?, request_id = ?, input_tokens = ?, output_tokens = ?,
  audio_tokens = ?, amount = coalesce(?, amount), currency = coalesce(?, currency) WHERE key = ? AND state = 'sent'`

const lineOf = (key: string, { body, price, requestId, usage }: Reply): ReplyReserve.Line => [
  Date.now(),
  body,
  requestId ?? null,
  usage?.inputTokens ?? null,
  usage?.outputTokens ?? null,
  usage?.audioTokens ?? null,
  decimal(price),
  price?.currency ?? null,
  key
]

const make = Effect.gen(function* () {
  const database = yield* Database
  const owner = yield* ProcessLock
  const room = yield* ReplyReserve.make(dirname(database.file), owner)
  /** Replies that are paid for and not in the database yet. */
  const waiting = new Map<string, { readonly reply: Reply; readonly line: ReplyReserve.Line }>()
  /** This owner's intents that came to nothing and could not be taken back. */
  const unsent = new Set<string>()

  const write = (lines: ReadonlyArray<ReplyReserve.Line>) => database.write(lines.map((values) => ({ sql: ANSWER, values })))
  const one = yield* Effect.makeSemaphore(1)
  /** Writes the replies that wait. */
  const settle = Effect.suspend(() => (waiting.size === 0 ? Effect.void : one.withPermits(1)(settleNow)))
  const settleNow = Effect.suspend(() => {
    const some = [...waiting]
    if (some.length === 0) return Effect.void
    return Effect.uninterruptible(
      Effect.flatMap(write(some.map(([, { line }]) => line)), () => {
        for (const [key] of some) waiting.delete(key)
        return waiting.size === 0 ? room.clear : Effect.void
      })
    )
  })
  yield* Effect.addFinalizer(() => Effect.ignore(settle))

  const find = (key: string): Known | undefined => {
    const kept = waiting.get(key)
    if (kept !== undefined) return { _tag: "Answered", reply: kept.reply }
    const row = unsent.has(key) ? undefined : database.row(FIND, [key])
    return row && knownOf(row)
  }
  const withdraw = (key: string) =>
    Effect.matchEffect(
      database.write([{ sql: "DELETE FROM call WHERE key = ? AND state = 'sent' AND owner = ?", values: [key, owner.id] }]),
      {
        onFailure: (failure) =>
          Effect.zipRight(
            Effect.sync(() => unsent.add(key)),
            Effect.fail(failure)
          ),
        onSuccess: () => Effect.sync(() => void unsent.delete(key))
      }
    )
  const service: Service = {
    find,
    send: ({ call, identity, key, origin, replaces }) =>
      Effect.gen(function* () {
        yield* settle
        yield* room.ready
        const [written] = yield* database.write([
          {
            sql: SEND,
            values: [
              key,
              identity,
              call.account,
              call.model,
              owner.id,
              origin.run ?? null,
              origin.item ?? null,
              origin.node ?? null,
              Date.now(),
              decimal(call.estimate),
              call.estimate?.currency ?? null,
              unsent.has(key) ? owner.id : (replaces ?? null)
            ]
          }
        ])
        if (written?.rows.length !== 1) return yield* database.reading(() => find(key))
        unsent.delete(key)
        // A reply came meanwhile for which there was no place: this request is not made before it has one.
        if (waiting.size > 0) yield* Effect.tapError(settle, () => Effect.ignore(withdraw(key)))
        return undefined
      }),
    answer: (key, reply) =>
      Effect.suspend(() => {
        const line = lineOf(key, reply)
        return Effect.matchEffect(write([line]), {
          onFailure: () => {
            waiting.set(key, { reply, line })
            return room.keep(line)
          },
          onSuccess: () => Effect.sync(() => void waiting.delete(key))
        })
      }),
    adopt: room.adopt(write),
    withdraw,
    release: (keys) =>
      database.write(keys.map((key) => ({ sql: "DELETE FROM call WHERE key = ? AND state = 'sent'", values: [key] }))),
    decision: (key) => text(database.row("SELECT value FROM decision WHERE key = ?", [key])?.["value"]),
    decide: (key, identity, value) =>
      Effect.map(
        database.write([
          {
            sql: `INSERT INTO decision (key, identity, value, decided_at) VALUES (?, ?, ?, ?)
              ON CONFLICT (key) DO UPDATE SET key = key RETURNING value`,
            values: [key, identity, value, Date.now()]
          }
        ]),
        ([written]) => text(written?.rows[0]?.["value"]) ?? value
      ),
    spentBetween: ({ account = null, currency, pipeline = null, run = null, since }) =>
      Number(
        database.row(
          `SELECT coalesce(sum(CAST(amount AS REAL)), 0) AS spent FROM call
           WHERE currency = ? AND sent_at >= ? AND (? IS NULL OR account = ?) AND (? IS NULL OR run = ?)
             AND (? IS NULL OR run IN (SELECT id FROM run WHERE pipeline = ?))`,
          [currency, since, account, account, run, run, pipeline, pipeline]
        )?.["spent"] ?? 0
      ),
    spent: (during) =>
      database.reading(() => {
        const [where, value] = "run" in during ? ["run = ?", during.run] : ["answered_at >= ?", during.since]
        const rows = database.rows(`SELECT amount, currency FROM call WHERE state = 'answered' AND ${where}`, [value])
        return total(rows.flatMap((row) => moneyOf(row["amount"], row["currency"]) ?? []))
      })
  }
  return service
})

/** Paid requests and the decisions that they rest on. */
export class CallLog extends Context.Tag("@mediaspool/core/CallLog")<CallLog, Service>() {
  static readonly layer: Layer.Layer<CallLog, never, Database | ProcessLock> = Layer.scoped(CallLog, make)
}
