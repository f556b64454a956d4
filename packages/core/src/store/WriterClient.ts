import { Effect, Runtime, type Scope } from "effect"
import { Worker } from "node:worker_threads"
import type { Value } from "../stage/Library.js"
import * as ThreadClient from "../stage/ThreadClient.js"
import { counter } from "./CrashPoint.js"
import type { SqliteFault } from "./Connection.js"
import { fromSqlite, StoreError } from "./StoreError.js"
import {
  type Acknowledgement,
  BEGIN,
  END,
  type Group,
  type Prepared,
  type Rows,
  type Waiting,
  type WriterData,
  type Written
} from "./WriterMessage.js"

/** What a post's commit came to. */
export type Settled = (failure: StoreError | undefined) => void

/**
 * While the writer commits one group, the next one gathers here; it is sent when the writer is free, or when it has so many rows,
 * so that the writer never idles. A larger group costs less: rows of random keys share the pages that they touch.
 */
const GROUP_ROWS = 3_000
/** Milliseconds between two groups while nobody waits for one: a commit of one row costs as much as one of a hundred. */
const GROUP_EVERY = 25
/** Groups at the writer's door. */
const GROUPS_SENT = 2
/** Above this `room` waits: what a crash can lose, and what memory holds. */
const ROWS_UNDER_WAY = 9_000

interface Pending {
  readonly rows: number
  readonly callbacks: Array<Settled>
  readonly tickets: ReadonlyArray<number>
}

export interface WriterClient {
  readonly prepare: (sql: string) => Prepared
  readonly post: (statement: Prepared, values: ReadonlyArray<Value>) => void
  readonly settled: (callback: Settled) => void
  /** The same, for somebody who waits. */
  readonly flushed: (callback: Settled) => void
  readonly room: Effect.Effect<void>
  readonly write: (
    parts: ReadonlyArray<{ readonly statement: Prepared; readonly values: ReadonlyArray<Value> }>
  ) => Effect.Effect<ReadonlyArray<Written>, StoreError>
}

const notWritten = (fault: SqliteFault) => fromSqlite(fault, "DatabaseNotWritten")

/**
 * This thread's end of the writer, which is started by the first row. When the scope closes, everything posted is written first.
 *
 * @param absent says that the file isn't the one any more that was opened: then nothing is written, there or elsewhere
 * @param acknowledged called before a group's callbacks, so that readers let go of what they saw before it
 */
export const make = (
  data: Omit<WriterData, "counter">,
  absent: () => StoreError | undefined,
  acknowledged: () => void
): Effect.Effect<WriterClient, never, Scope.Scope> =>
  Effect.gen(function* () {
    const fork = Runtime.runFork(yield* Effect.runtime())
    const statements = new Map<string, Prepared>()
    const sent: Array<Pending> = []
    const answers = new Map<number, (outcome: ReadonlyArray<Written> | StoreError) => void>()
    let named: Array<Group["statements"][number]> = []
    let rows: Rows = []
    let rowCount = 0
    let callbacks: Array<Settled> = []
    let tickets: Array<number> = []
    let underWay = 0
    let sequence = 0
    let nextTicket = 0
    let scheduled = false
    let isAwaited = false
    let sentAt = -GROUP_EVERY
    let timer: NodeJS.Timeout | undefined
    let waiting: Array<() => void> = []
    let worker: Worker | undefined
    let dead: StoreError | undefined

    const finish = ({ callbacks, rows, tickets }: Pending, failure: StoreError | undefined) => {
      underWay -= rows
      if (failure !== undefined) for (const ticket of tickets) answer(ticket, failure)
      for (const callback of callbacks) callback(failure)
    }
    const answer = (ticket: number, outcome: ReadonlyArray<Written> | StoreError) => {
      answers.get(ticket)?.(outcome)
      answers.delete(ticket)
    }
    const wake = () => {
      if (underWay >= ROWS_UNDER_WAY) return
      const woken = waiting
      waiting = []
      for (const resume of woken) resume()
    }

    const died = (cause: unknown) => {
      dead ??= new StoreError({ code: "DatabaseNotWritten", detail: `the writer ended: ${String(cause)}` })
      for (let pending = sent.shift(); pending !== undefined; pending = sent.shift()) finish(pending, dead)
      send()
      wake()
    }

    const received = (message: Acknowledgement | Waiting) => {
      if ("waitsFor" in message) return void fork(Effect.logWarning(`Waiting to write: ${message.waitsFor} (DatabaseLocked)`))
      acknowledged()
      const pending = sent.shift()
      const failure = message.fault && notWritten(message.fault)
      for (const { outcome, ticket } of message.answers) answer(ticket, "code" in outcome ? notWritten(outcome) : outcome)
      if (pending !== undefined) finish(pending, failure)
      offer()
      wake()
    }

    const start = () => {
      const started = new Worker(ThreadClient.file(import.meta.url, "writer.worker"), {
        workerData: { ...data, counter } satisfies WriterData,
        // Rows live for one group.
        resourceLimits: ThreadClient.thrifty
      })
      started.on("message", received)
      started.on("error", died)
      started.on("exit", () => died("its thread is gone"))
      return started
    }

    /** Sends what has gathered, unless enough is sent already. */
    const send = () => {
      if (rowCount === 0 && callbacks.length === 0 && tickets.length === 0) return
      const pending: Pending = { rows: rowCount, callbacks, tickets }
      if (rows.length > 0) dead ??= absent()
      if (dead !== undefined) {
        const failure = dead
        rows = []
        setImmediate(() => finish(pending, failure))
      } else if (rows.length > 0 && sent.length > 0 && (rowCount < GROUP_ROWS || sent.length >= GROUPS_SENT)) {
        return
      } else if (rows.length === 0) {
        // Only waits for what went before.
        const last = sent.at(-1)
        if (last === undefined) setImmediate(() => finish(pending, undefined))
        else last.callbacks.push(...callbacks)
      } else {
        sent.push(pending)
        sentAt = performance.now()
        worker ??= start()
        worker.postMessage({ sequence: sequence++, statements: named, rows } satisfies Group)
        named = []
        rows = []
      }
      rowCount = 0
      callbacks = []
      tickets = []
      isAwaited = false
    }
    /** Sends what has gathered when its time has come, at once where somebody waits. */
    const offer = () => {
      const early = isAwaited || rowCount >= GROUP_ROWS ? 0 : sentAt + GROUP_EVERY - performance.now()
      if (early <= 0) return send()
      timer ??= setTimeout(() => {
        timer = undefined
        offer()
      }, early)
    }
    const gathered = () => {
      scheduled = false
      offer()
    }
    const schedule = () => {
      if (rowCount === GROUP_ROWS) return send()
      if (scheduled) return
      scheduled = true
      setImmediate(gathered)
    }
    const append = (statement: Prepared, values: ReadonlyArray<Value>) => {
      rows.push(statement, values.length)
      for (let i = 0; i < values.length; i++) rows.push(values[i] ?? null)
      rowCount++
      underWay++
    }

    const thread: WriterClient = {
      prepare: (sql) => {
        const known = statements.get(sql)
        if (known !== undefined) return known
        const number = statements.size
        statements.set(sql, number)
        named.push({ number, sql })
        return number
      },
      post: (statement, values) => {
        append(statement, values)
        schedule()
      },
      settled: (callback) => {
        callbacks.push(callback)
        schedule()
      },
      flushed: (callback) => {
        isAwaited = true
        callbacks.push(callback)
        schedule()
      },
      room: Effect.suspend(() =>
        underWay < ROWS_UNDER_WAY ? Effect.void : Effect.async<void>((resume) => void waiting.push(() => resume(Effect.void)))
      ),
      write: (parts) =>
        Effect.async((resume) => {
          const ticket = nextTicket++
          answers.set(ticket, (outcome) => resume(outcome instanceof StoreError ? Effect.fail(outcome) : Effect.succeed(outcome)))
          tickets.push(ticket)
          isAwaited = true
          rows.push(BEGIN, ticket)
          for (const { statement, values } of parts) append(statement, values)
          rows.push(END)
          schedule()
        })
    }

    const drained = Effect.async<void>((resume) => thread.flushed(() => resume(Effect.void)))
    const ended = Effect.async<void>((resume) => {
      if (worker === undefined || dead !== undefined) return resume(Effect.void)
      worker.removeAllListeners("exit")
      worker.once("exit", () => resume(Effect.void))
      worker.postMessage("close")
    })
    yield* Effect.addFinalizer(() => Effect.zipRight(drained, ended))
    return thread
  })
