export interface FailureTable {
  /** `core` or `plugins`. */
  readonly name: string
  readonly path: string
  readonly tag: string
  readonly reasons: Readonly<Record<string, { readonly retry: string; readonly help: string }>>
}
export const failures: () => Promise<ReadonlyArray<FailureTable>>
