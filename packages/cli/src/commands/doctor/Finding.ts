/** One thing that was looked at. */
export interface Finding {
  readonly name: string
  readonly status: "ok" | "warning" | "problem"
  readonly detail: string
  /** What to do, unless all is well. */
  readonly help?: string
}
