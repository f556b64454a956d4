import { Effect, Option, type Scope } from "effect"
import { Worker } from "node:worker_threads"
import * as ThreadClient from "../stage/ThreadClient.js"
import { LOOK_UP } from "../store/Items.js"
import type { Order, ScanData, ScanOutcome } from "./ScanMessage.js"
import { SourceError } from "./SourceError.js"

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
    const data: ScanData = { file: Option.getOrUndefined(file), lookUp: LOOK_UP }
    const thread = yield* ThreadClient.make<Order, ScanOutcome, SourceError>(
      () =>
        new Worker(ThreadClient.file(import.meta.url, "scan.worker"), {
          workerData: data,
          resourceLimits: ThreadClient.thrifty
        }),
      (cause) => new SourceError({ code: "ScanFailed", detail: `the scan's thread ended: ${cause}` })
    )
    yield* thread.start

    const ask = (order: Order): Effect.Effect<ScanOutcome, SourceError> =>
      Effect.flatMap(thread.ask(order), (outcome) =>
        outcome._tag === "Failed" ? new SourceError(outcome.fault) : Effect.succeed(outcome)
      )
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
