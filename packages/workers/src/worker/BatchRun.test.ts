import { describe, expect, it } from "@effect/vitest"
import { Effect, FiberSet, Schema } from "effect"
import { AnswerPart } from "../protocol/AnswerPart.js"
import { type JobEntry, jobId, type JobNode } from "../protocol/StageJob.js"
import type { StageResult } from "../protocol/StageReply.js"
import { BatchRun } from "./BatchRun.js"
import type { BatchPart } from "./ExecutorMessage.js"

const node: JobNode = { coordinator: "0123456789abcdef", pipeline: "p", node: "n", stage: "s", version: 1, config: {} }
const entry = (letter: string): JobEntry => ({ key: letter.repeat(43), try: 1, inputs: {}, files: [] })
const idOf = (letter: string) => jobId({ ...node, ...entry(letter) })
const done = (output: string): StageResult => ({ _tag: "Done", output, files: [], madeWith: [] })

/** Runs attempts that are called by a letter; gives their answers in the order in which they were given. */
const running = (letters: string, isMerged: boolean, stage: (letter: string) => Effect.Effect<StageResult>) =>
  Effect.gen(function* () {
    const fork = yield* FiberSet.makeRuntime<never, void, never>()
    const parts: Array<BatchPart> = []
    const batch = new BatchRun("batch", node, [...letters].map(entry), isMerged, {
      run: (_, __, { key }) => stage(key.slice(0, 1)),
      fork,
      tell: (part) => parts.push(part),
      worker: "w"
    })
    batch.start()
    yield* Effect.forkScoped(
      Effect.forever(
        Effect.delay(
          Effect.sync(() => batch.look()),
          "10 millis"
        )
      )
    )
    const answers = () =>
      parts.flatMap(({ text }) =>
        Schema.decodeSync(AnswerPart)(text).answers.map(([id, reply]) => `${id.charAt(17)} ${JSON.stringify(reply)}`)
      )
    const over = Effect.repeat(Effect.sleep("5 millis"), { until: () => parts.at(-1)?.isLast === true })
    return { batch, parts, answers, over }
  })
const tags = (answers: ReadonlyArray<string>) =>
  answers.map((answer) => `${answer.charAt(0)} ${/"_tag":"(\w+)"/.exec(answer)?.[1]}`)

describe("A batch", () => {
  it.scopedLive("of quick attempts is answered in one message, in order", () =>
    Effect.gen(function* () {
      const { answers, over, parts } = yield* running("abc", false, (letter) => Effect.succeed(done(letter)))
      yield* over
      expect(tags(answers())).toEqual(["a Done", "b Done", "c Done"])
      expect(parts.map(({ ended, isLast }) => [ended.map(({ outcome }) => outcome).join(), isLast])).toEqual([
        ["done,done,done", true]
      ])
    })
  )

  it.scopedLive("with one that isn't quick answers those before it, and gives those behind it back", () =>
    Effect.gen(function* () {
      const stage = (letter: string) =>
        letter === "b" ? Effect.delay(Effect.succeed(done("b")), "600 millis") : Effect.succeed(done(letter))
      const { answers, over, parts } = yield* running("abcd", false, stage)
      yield* over
      expect(tags(answers())).toEqual(["a Done", "c Undone", "d Undone", "b Done"])
      expect(parts.at(-1)?.ended.map(({ id }) => id)).toEqual([idOf("b")])
      expect(parts.flatMap(({ text }) => Schema.decodeSync(AnswerPart)(text).began)).toEqual([idOf("b")])
    })
  )

  it.scopedLive("goes on with the others when nobody waits for one of it any more", () =>
    Effect.gen(function* () {
      const stage = (letter: string) => (letter === "a" ? Effect.never : Effect.succeed(done(letter)))
      const { answers, batch, over } = yield* running("abcd", false, stage)
      batch.cancel(idOf("c"))
      batch.cancel(idOf("a"))
      yield* over
      expect(tags(answers())).toEqual(["b Done", "d Done"])
    })
  )

  it.scopedLive("of short media runs all at once, each answered when it ends", () =>
    Effect.gen(function* () {
      const stage = (letter: string) =>
        letter === "a" ? Effect.delay(Effect.succeed(done("a")), "200 millis") : Effect.succeed(done(letter))
      const { answers, over, parts } = yield* running("abc", true, stage)
      yield* over
      expect(tags(answers())).toEqual(["b Done", "c Done", "a Done"])
      expect(parts.length).toBeGreaterThan(1)
    })
  )
})
