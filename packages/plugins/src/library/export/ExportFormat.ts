import type { Library, LibraryError } from "@mediaspool/core"
import type { Effect, Scope, Stream } from "effect"
import type { ExportError } from "./ExportError.js"
import type { ExportColumns } from "./ExportColumns.js"
import type { ExportRow, MediaForm } from "./ExportRow.js"
import type { Staging } from "./ExportTarget.js"
import type { MediaColumn } from "./MediaColumn.js"

/** A row, and the part of the split that it belongs to. */
export interface SplitRow extends ExportRow {
  readonly split?: string | undefined
}

export interface FormatOptions {
  /** Columns of the `media` table. */
  readonly columns: ReadonlyArray<MediaColumn>
  /** Whether rows have a part. */
  readonly isSplit: boolean
  /** Bytes that a shard should have at most. */
  readonly shardBytes: number
  /** Whether a stage's files go along in place of the originals. */
  readonly files: boolean
  /** Where the paths of stages' files begin; absolute. */
  readonly stateFolder: string
}

export type Pages = Stream.Stream<ReadonlyArray<SplitRow>, LibraryError | ExportError, Library>

/** A way to write a library down. */
export interface ExportFormat {
  /** Whether the target is one file or a folder. */
  readonly kind: "file" | "folder"
  readonly summary: string
  /** How it takes the columns of the table `media`; default `json`. */
  readonly form?: MediaForm
  /** Writes rows that nothing is added to, a page of lines at a time. */
  readonly writeLines?: (
    lines: Stream.Stream<Uint8Array, LibraryError | ExportError, Library>,
    staging: Staging
  ) => Effect.Effect<number, LibraryError | ExportError, Library | Scope.Scope>
  /** Writes rows that nothing is added to, a page of columns at a time. */
  readonly writeColumns?: (
    pages: Stream.Stream<ExportColumns, LibraryError | ExportError, Library>,
    staging: Staging,
    options: FormatOptions
  ) => Effect.Effect<number, LibraryError | ExportError, Library | Scope.Scope>
  /** Writes all pages; gives how many rows could not be taken along. */
  readonly write: (
    pages: Pages,
    staging: Staging,
    options: FormatOptions
  ) => Effect.Effect<number, LibraryError | ExportError, Library | Scope.Scope>
}
