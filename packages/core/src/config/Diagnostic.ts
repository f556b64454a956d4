import type { Place } from "./Tree.js"

/** One thing that is wrong with a config: where, what, and what would fit. */
export interface Diagnostic {
  /** Absolute. */
  readonly file: string
  /** From 1; absent for a config made by a program. */
  readonly line?: number | undefined
  readonly column?: number | undefined
  /** `pipelines.sounds.stages.copy.with.format`; empty for the file itself. */
  readonly path: string
  /** Never holds a secret. */
  readonly message: string
  /** What would fit, the nearest first. */
  readonly candidates: ReadonlyArray<string>
}

/** A fault before its place is looked up. */
export interface Finding {
  readonly path: ReadonlyArray<PropertyKey>
  readonly message: string
  readonly candidates: ReadonlyArray<string>
  /** Whether the key or its value is at fault. */
  readonly of: "key" | "value"
}

/** A path as a person writes it: `stages.copy.with.cuts[0].seconds`. */
const dotted = (path: ReadonlyArray<PropertyKey>): string =>
  path.map((step, i) => (typeof step === "number" ? `[${step}]` : i === 0 ? String(step) : `.${String(step)}`)).join("")

/** A finding in its file, at its place. */
export const make = (file: string, at: Place | undefined, finding: Omit<Finding, "of">): Diagnostic => ({
  file,
  line: at?.line,
  column: at?.column,
  path: dotted(finding.path),
  message: finding.message,
  candidates: finding.candidates
})

/** `spool.yaml:6:45 stages.emotion.from.audio: no earlier node is named 'copyy' (did you mean copy?)` */
export const render = (fault: Diagnostic, name: (file: string) => string = (file) => file): string => {
  const place = fault.line === undefined ? "" : `:${fault.line}:${fault.column ?? 1}`
  const [candidate, another] = fault.candidates
  const meant =
    candidate === undefined ? "" : another === undefined ? ` (did you mean ${candidate}?)` : ` (${fault.candidates.join(", ")})`
  return `${name(fault.file)}${place}${fault.path === "" ? "" : ` ${fault.path}`}: ${fault.message}${meant}`
}

/** In the order of the file, each once. */
export const sorted = (faults: ReadonlyArray<Diagnostic>): ReadonlyArray<Diagnostic> => {
  const unique = new Map(faults.map((fault) => [JSON.stringify(fault), fault]))
  return [...unique.values()].sort(
    (a, b) => a.file.localeCompare(b.file) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
  )
}
