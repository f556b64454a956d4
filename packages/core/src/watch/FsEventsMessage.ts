/** To the thread that listens to folders. */
export type FsEventsOrder =
  | {
      readonly _tag: "Watch"
      readonly watch: number
      /** Absolute. */
      readonly folder: string
      /** Absolute folders that are none of its business. */
      readonly without: ReadonlyArray<string>
    }
  | { readonly _tag: "Unwatch"; readonly watch: number }

/** What happened in a folder since the last message, as far as the system told. */
export interface FsEventBatch {
  readonly watch: number
  /** Paths below the folder where something changed, appeared or vanished. */
  readonly touched: ReadonlyArray<string>
  /** Folders below it that should be listed: they are new, or something happened there that has no readable name. */
  readonly listed: ReadonlyArray<string>
  /** Every folder is being listened to. */
  readonly ready: boolean
  /** What went wrong, by the system's name of it; events are missing from now on. */
  readonly trouble: string | undefined
}
