import type { Candidates, Change, Nearest } from "./VectorStore.js"

/** What the thread that holds the index of vectors is told when it starts. */
export interface VectorThreadData {
  /** Absolute path of `vectors.db`. */
  readonly file: string
  readonly signsFrom: number
}

export type VectorRequest =
  | { readonly _tag: "Seq" }
  | { readonly _tag: "Clear" }
  | { readonly _tag: "Apply"; readonly changes: ReadonlyArray<Change> }
  | { readonly _tag: "Nearest"; readonly vector: Float32Array; readonly model: string; readonly limit: number }

export type VectorReply =
  | Nearest
  | Candidates
  | { readonly _tag: "Seq"; readonly seq: number }
  | { readonly _tag: "Done" }
  | { readonly _tag: "Failed"; readonly cause: string }
