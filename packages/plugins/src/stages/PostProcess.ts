import { Field, Stage } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { Caption, CaptionSegment, CleanCaption } from "../kinds.js"
import * as Language from "../models/answers/Language.js"
import { ModelError } from "../models/ModelError.js"
import * as Repetition from "../models/answers/Repetition.js"
import * as ServiceFault from "../models/client/ServiceFault.js"
import * as Timeline from "./listen/Timeline.js"

const Config = Schema.Struct({
  language: Field.maybe(
    Schema.String.pipe(Schema.pattern(/^[a-z]{2}(-[A-Za-z]+)?$/)),
    "The language that the caption has to be in (en, zh, de); one in another is refused"
  ),
  maxCharacters: Field.maybe(
    Schema.Int.pipe(Schema.between(20, 100_000)),
    "Longest text; a longer one is shortened at the end of a sentence"
  )
})

/** What models say before they come to the point. */
const preamble =
  /^\s*(sure|certainly|of course|absolutely|okay|ok|great|here(?:'s| is| are)|the following is|below is)\b[^.:!\n]{0,120}[.:!]\s+/i
const markup = /^#{1,6}\s+|\*\*([^*\n]+)\*\*|__([^_\n]+)__/gm

const shorten = (text: string, most: number): string => {
  if (text.length <= most) return text
  const cut = text.slice(0, most)
  const end = Math.max(...[". ", "! ", "? ", "。", "!", "?", ".\n"].map((mark) => cut.lastIndexOf(mark) + 1))
  // Half of what is allowed is better than a broken sentence; less isn't.
  return end >= most / 2 ? cut.slice(0, end).trimEnd() : `${cut.slice(0, most - 1).replace(/\s+\S*$/, "")}…`
}

type Change = "preamble" | "markup" | "repetition" | "shortened"

/** The text, and what was changed in it. */
const clean = (text: string, most: number | undefined): { readonly text: string; readonly changes: ReadonlyArray<Change> } => {
  const changes: Array<Change> = []
  const step = (change: Change, before: string, after: string): string => {
    if (after !== before) changes.push(change)
    return after
  }
  let now = text.trim()
  now = step("preamble", now, now.replace(preamble, ""))
  now = step("markup", now, now.replace(markup, "$1$2"))
  now = step("repetition", now, Repetition.trim(now))
  return { text: most === undefined ? now : step("shortened", now, shorten(now, most)), changes }
}

/** Makes a caption fit to be read: without circles, without a preamble, in one language, not too long. Free: no model is asked. */
export const postProcess = Stage.make({
  name: "post-process",
  version: 1,
  summary: "Makes a caption clean: repetition, preamble, language, length",
  input: { caption: Caption },
  output: CleanCaption,
  config: Config,
  error: ModelError,
  run: ({ caption }, { language, maxCharacters }) =>
    Effect.gen(function* () {
      const parts = caption.segments.map((segment) => ({ segment, ...clean(segment.text, undefined) }))
      const segments = parts.map(
        ({ segment: { endSeconds, startSeconds }, text }) => new CaptionSegment({ startSeconds, endSeconds, text })
      )
      // A text that is its windows' is put together again from the clean ones; a summary is a text of its own.
      const joined = segments.length > 0 && caption.text === Timeline.join(caption.segments)
      const whole = clean(joined ? Timeline.join(segments) : caption.text, maxCharacters)
      const found = Language.detect(whole.text)
      if (language !== undefined && !Language.fits(whole.text, language))
        return yield* new ModelError({
          code: "WrongLanguage",
          detail: `the caption is in '${found}' and not in '${language}': ${ServiceFault.quote(whole.text)}`
        })
      const changes = new Set([...parts.flatMap((part) => part.changes), ...whole.changes])
      return new CleanCaption({
        text: whole.text,
        segments,
        model: caption.model,
        provider: caption.provider,
        language: found,
        changes: [...changes]
      })
    }),
  examples: [
    { title: "English, at most a thousand characters", with: { language: "en", maxCharacters: 1000 } },
    { title: "Only what is always wrong", with: {} }
  ]
})
