import { all, Failure, Field, maybe, Stage } from "@mediaspool/core"
import { Effect } from "effect"
import { Acoustics, Caption, Check, CleanCaption, Evidence, Probe, Speech, Tags } from "../kinds.js"
import { findingsOf, type Measured, measuredOf } from "./evidence/Claims.js"

/** A text that claims something, and where. */
interface Said {
  readonly node: string
  readonly text: string
  readonly span: { readonly startSeconds: number; readonly endSeconds: number } | undefined
}

/** Labels of these vocabularies say that somebody speaks, or that there is music. */
const meanings: Readonly<Record<string, string>> = { emotion: "speech", instruments: "music" }
/** Instruments that have no tones. */
const toneless = new Set(["drums", "cymbals", "percussion", "drum_machine", "other", "voice", "unknown"])

const saidOf = (node: string, value: Caption | CleanCaption | Tags): ReadonlyArray<Said> => {
  if (value instanceof Tags) {
    const meaning = meanings[value.vocabulary.split("@")[0] ?? ""]
    return value.tags.flatMap(({ endSeconds, label, startSeconds }) =>
      meaning === undefined || toneless.has(label)
        ? []
        : [
            {
              node,
              text: meaning,
              span: startSeconds === undefined || endSeconds === undefined ? undefined : { startSeconds, endSeconds }
            }
          ]
    )
  }
  const segments = value.segments.map(({ endSeconds, startSeconds, text }) => ({
    node,
    text,
    span: { startSeconds, endSeconds }
  }))
  // A summary of its windows claims nothing of its own.
  return segments.length > 0 ? segments : [{ node, text: value.text, span: undefined }]
}

/** What the measurements say to a text: a row for each claim that they reach. */
export const checksOf = ({ node, span, text }: Said, measured: Measured): ReadonlyArray<Check> =>
  findingsOf(text, measured).map(
    ({ claim, finding }) => new Check({ node, claim, agrees: finding.agrees, detail: finding.detail, ...span })
  )

/** Holds what was said against what was measured. Changes no text. */
export const evidence = Stage.make({
  name: "evidence",
  version: 2,
  summary: "Holds captions and tags against what was measured, and says where they agree and where they contradict it",
  input: { said: all(Caption, CleanCaption, Tags), sound: maybe(Acoustics), speech: maybe(Speech), probe: maybe(Probe) },
  output: Evidence,
  config: Field.none,
  error: Failure.None,
  run: ({ probe, said, sound, speech }) =>
    Effect.sync(() => {
      const measurements = { probe, sound, speech }
      const checks = said
        // What measurements say of themselves is no claim.
        .filter(({ value }) => value instanceof Tags || value.model !== "describe")
        .flatMap(({ node, value }) => saidOf(node, value))
        .flatMap((one) => checksOf(one, measuredOf(measurements, one.span)))
      const once = new Map(checks.map((check) => [JSON.stringify([check.node, check.claim, check.startSeconds]), check]))
      return new Evidence({ checks: [...once.values()] })
    })
})
