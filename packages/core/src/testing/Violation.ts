/** A rule that a stage doesn't keep to, and how that was seen. */
export interface Violation {
  readonly rule: Rule
  /** The sample or example at which it was seen. */
  readonly at?: string
  readonly message: string
}

/**
 * - `declaration`: names, summary, descriptions and failure table are there and well-formed
 * - `examples`: every documented config is one
 * - `errors`: failures are declared, and can be written down and read back
 * - `output`: so can results; they hold nothing that JSON can't
 * - `key`: the same config, however it is written, has the same identity
 * - `repeat`: two runs give the same, unless the stage says `nondeterministic`
 * - `interruption`: a stopped run stops, and leaves neither files nor child processes
 * - `tidiness`: nothing is left beside the artifacts: no file, no child process, no timer
 * - `originals`: the input files are as they were
 * - `samples`: the samples themselves are as they say
 */
export type Rule =
  "declaration" | "errors" | "examples" | "interruption" | "key" | "originals" | "output" | "repeat" | "samples" | "tidiness"
