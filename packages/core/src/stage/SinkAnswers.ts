import type { Effect } from "effect"
import type { Note, Service as NodeService } from "./Node.js"

/** Gives what a person put in the place of a value, as the same kind; the value itself where the person said nothing else. */
export type Correct = (value: unknown) => unknown

/** What a sink says when it is asked, before it would run. */
export interface SinkAnswers<E, R> {
  /**
   * Whether what `run` would write is there already. A sink writes `node.key` (it stands for stage, version, config, pipeline, node
   * and every input) as its receipt, in the transaction of its rows, and looks for it here: one indexed look-up. Absent, the sink
   * runs whenever its item is looked at. An item that is done is not looked at, so a sink whose rows a user may delete also
   * reopens the item: see the `item_state` table.
   */
  readonly isWritten?: ((node: NodeService) => Effect.Effect<boolean, E, R>) | undefined
  /**
   * Whether it refuses this content for good, because a person took it out. Where all of a pipeline's sinks do, no stage runs for
   * it, whatever is edited, and nothing is paid.
   */
  readonly isExcluded?: ((contentHash: string) => Effect.Effect<boolean, E, R>) | undefined
  /** What people asked the pipeline's nodes to mind for this content, by node; asked once before anything runs for it. */
  readonly notes?: ((pipeline: string, contentHash: string) => Effect.Effect<ReadonlyMap<string, Note>, E, R>) | undefined
  /** What people put in the place of what nodes said of this content, by node; asked for pipelines with a stage that `takesCorrections`. */
  readonly corrections?:
    ((pipeline: string, contentHash: string) => Effect.Effect<ReadonlyMap<string, Correct>, E, R>) | undefined
  /** The same answers for many files at once: a plan asks about every file that is known. Absent, it asks about one after the other. */
  readonly batch?: SinkBatch<E, R> | undefined
}

/** What a sink says of many files at once. */
export interface SinkBatch<E, R> {
  /** Those of the keys whose rows are there. */
  readonly written: (
    place: { readonly pipeline: string; readonly node: string },
    keys: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlySet<string>, E, R>
  /** Those of the contents that are refused for good. */
  readonly excluded: (contentHashes: ReadonlyArray<string>) => Effect.Effect<ReadonlySet<string>, E, R>
  /** Notes by content and node; contents without any are left out. */
  readonly notes: (
    pipeline: string,
    contentHashes: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyMap<string, ReadonlyMap<string, Note>>, E, R>
  /** Corrections by content and node, of a sink that has any; contents without one are left out. */
  readonly corrections?:
    | ((
        pipeline: string,
        contentHashes: ReadonlyArray<string>
      ) => Effect.Effect<ReadonlyMap<string, ReadonlyMap<string, Correct>>, E, R>)
    | undefined
}
