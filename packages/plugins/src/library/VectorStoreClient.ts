import { LibraryError, ThreadClient } from "@mediaspool/core"
import { Effect, type Scope } from "effect"
import { Worker } from "node:worker_threads"
import type { Candidates, Change, Nearest } from "./VectorStore.js"
import type { VectorReply, VectorRequest, VectorThreadData } from "./VectorStoreMessage.js"

/** A `VectorStore`, in whatever thread it is. */
export interface VectorStoreClient {
  readonly seq: Effect.Effect<number, LibraryError>
  readonly clear: Effect.Effect<void, LibraryError>
  readonly apply: (changes: ReadonlyArray<Change>) => Effect.Effect<void, LibraryError>
  readonly nearest: (vector: Float32Array, model: string, limit: number) => Effect.Effect<Nearest | Candidates, LibraryError>
}

export const broken = (cause: unknown): LibraryError =>
  new LibraryError({ code: "LibraryNotWritten", detail: `the index of vectors: ${String(cause)}` })

/**
 * This thread's end of the one that holds the index. It starts with the first question and ends with the scope.
 *
 * @param file absolute path of `vectors.db`
 * @param signsFrom vectors from which on their signs are compared first
 */
export const make = (file: string, signsFrom: number): Effect.Effect<VectorStoreClient, never, Scope.Scope> =>
  Effect.map(
    ThreadClient.make<VectorRequest, VectorReply, LibraryError>(
      () =>
        new Worker(ThreadClient.file(import.meta.url, "vectors.worker"), {
          workerData: { file, signsFrom } satisfies VectorThreadData,
          resourceLimits: ThreadClient.thrifty
        }),
      broken
    ),
    (thread) => {
      const ask = (request: VectorRequest) =>
        Effect.filterOrFail(
          thread.ask(request),
          (reply) => reply._tag !== "Failed",
          (reply) => broken(reply._tag === "Failed" ? reply.cause : reply._tag)
        )
      return {
        seq: Effect.map(ask({ _tag: "Seq" }), (reply) => (reply._tag === "Seq" ? reply.seq : 0)),
        clear: Effect.asVoid(ask({ _tag: "Clear" })),
        apply: (changes) => Effect.asVoid(ask({ _tag: "Apply", changes })),
        nearest: (vector, model, limit) =>
          Effect.flatMap(ask({ _tag: "Nearest", vector, model, limit }), (reply) =>
            reply._tag === "Nearest" || reply._tag === "Candidates" ? Effect.succeed(reply) : Effect.fail(broken(reply._tag))
          )
      }
    }
  )
