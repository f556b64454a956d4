import { Effect, Option, type Scope } from "effect"
import { Worker } from "node:worker_threads"
import { LOOK_UP } from "../store/Items.js"
import { thrifty, workerFile } from "../store/WorkerFile.js"
import type { Answer, Order, ScanOutcome, Request, ScanData } from "./ScanMessage.js"
import { SourceError } from "./SourceError.js"

type Resume = (outcome: Effect.Effect<ScanOutcome, SourceError>) => void

/** Hands an order to the scan's thread and gives its answer. */
export type Ask = <Tag extends ScanOutcome["_tag"]>(
  order: Order,
  expected: Tag
) => Effect.Effect<Extract<ScanOutcome, { readonly _tag: Tag }>, SourceError>

/**
 * This thread's end of the one that looks at the file system: there the walk may take as long as it likes. It starts at once, so
 * that it is ready when the first scan is; it ends with the scope.
 *
 * @param file the database to compare with
 */
export const make = (file: Option.Option<string>): Effect.Effect<Ask, never, Scope.Scope> =>
  Effect.gen(function* () {
    const open = new Map<number, Resume>()
    let tickets = 0
    let ended: SourceError | undefined
    const data: ScanData = { file: Option.getOrUndefined(file), lookUp: LOOK_UP }

    const worker = yield* Effect.acquireRelease(
      Effect.sync(() => new Worker(workerFile(import.meta.url, "scan.worker"), { workerData: data, resourceLimits: thrifty })),
      (worker) => Effect.promise(() => worker.terminate())
    )
    const die = (cause: unknown) => {
      ended ??= new SourceError({ code: "ScanFailed", detail: `the scan's thread ended: ${String(cause)}` })
      for (const resume of open.values()) resume(Effect.fail(ended))
      open.clear()
    }
    worker.on("message", ({ outcome, ticket }: Answer) => {
      const resume = open.get(ticket)
      settle(ticket)
      resume?.(outcome._tag === "Failed" ? Effect.fail(new SourceError(outcome.fault)) : Effect.succeed(outcome))
    })
    worker.on("error", die)
    worker.on("exit", (code) => die(`exit code ${code}`))
    // It keeps the process alive only while somebody waits for an answer.
    worker.unref()
    const settle = (ticket: number) => {
      open.delete(ticket)
      if (open.size === 0) worker.unref()
    }

    const ask = (order: Order): Effect.Effect<ScanOutcome, SourceError> =>
      Effect.async((resume) => {
        if (ended !== undefined) return resume(Effect.fail(ended))
        const ticket = tickets++
        open.set(ticket, resume)
        worker.ref()
        worker.postMessage({ ticket, order } satisfies Request)
        return Effect.sync(() => settle(ticket))
      })
    const is =
      <Tag extends ScanOutcome["_tag"]>(tag: Tag) =>
      (outcome: ScanOutcome): outcome is Extract<ScanOutcome, { readonly _tag: Tag }> =>
        outcome._tag === tag

    return (order, expected) =>
      Effect.filterOrFail(
        ask(order),
        is(expected),
        (outcome) => new SourceError({ code: "ScanFailed", detail: `the scan's thread answered ${outcome._tag}` })
      )
  })
