import { describe, expect, it } from "@effect/vitest"
import { ModelEmulator } from "@mediaspool/emulator"
import { type Ended, example, spool, start } from "@mediaspool/example-testing"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Effect, type Scope } from "effect"
import { once } from "node:events"
import { appendFileSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { emulator as emulatorCommand, interrupt } from "./EmulatorCommand.js"

/** The emulator as a person starts it. */
const command = Effect.map(
  Effect.acquireRelease(
    Effect.promise(() => emulatorCommand()),
    ({ child }) => Effect.promise(() => interrupt(child))
  ),
  ({ origin }) => ModelEmulator.at(origin)
)

const prepared = (start: Effect.Effect<ModelEmulator.Emulator, never, Scope.Scope>) =>
  Effect.gen(function* () {
    const emulator = yield* start
    const { folder } = yield* Effect.acquireRelease(
      Effect.sync(() => example({ from: new URL("..", import.meta.url), inbox: "inbox", baseUrl: emulator.baseUrl })),
      ({ remove }) => Effect.sync(remove)
    )
    const inbox = join(folder, "inbox")
    yield* SampleMedia.writeWav(inbox, "tone", { seconds: 3, sampleRate: 16_000 })
    yield* SampleMedia.writeWav(inbox, "drums", { seconds: 3, sampleRate: 16_000 })
    yield* SampleMedia.writeWav(inbox, "silence", { seconds: 2, sampleRate: 16_000 })
    return { emulator, folder, inbox }
  })
const run = (folder: string, ...args: ReadonlyArray<string>) => Effect.promise(() => spool(folder, ...args))
const summary = ({ errors, lines }: Ended) => lines.at(-1) ?? { errors }
const found = ({ lines }: Ended) => lines.map((line) => line["path"]).filter((path) => path !== undefined)

describe("examples/qwen-captions", () => {
  it.scopedLive(
    "captions, tags and finds; and pays once over a rerun, a rename, and a second pipeline",
    () =>
      Effect.gen(function* () {
        const { emulator, folder, inbox } = yield* prepared(command)
        const config = join(folder, "spool.yaml")
        const price = "models: { qwen3-omni-30b-a3b-captioner: { price: { currency: USD, audioIn: 3.81, textOut: 3.06 } } }"
        writeFileSync(config, readFileSync(config, "utf8").replace("tpm: 1000000", `tpm: 1000000\n    ${price}`))
        const first = yield* run(folder, "run", "recordings")
        expect(summary(first)).toMatchObject({
          items: { total: 3, done: 3, failed: 0, waiting: 0 },
          stages: {
            caption: { ran: 2, skipped: 1 },
            clean: { ran: 2, skipped: 1 },
            emotion: { ran: 2 },
            instruments: { ran: 2 },
            mood: { ran: 2 }
          },
          cost: { USD: expect.stringMatching(/^0\.000\d+$/) }
        })
        expect(summary(first)["costToday"]).toEqual(summary(first)["cost"])
        expect(first.code).toBe(0)
        const { paid } = yield* emulator.statement
        expect(paid).toBe(8)
        // The key is nowhere in what was said, and in what is kept.
        const kept = readdirSync(join(folder, ".spool"), { recursive: true, withFileTypes: true }).filter((entry) =>
          entry.isFile()
        )
        const texts = kept.map(({ name, parentPath }) => readFileSync(join(parentPath, name), "latin1"))
        expect(texts.length).toBeGreaterThan(3)
        expect([JSON.stringify(first), ...texts].some((text) => text.includes("sk-emulator"))).toBe(false)

        for (const words of ["440 Hz", "emotion:happy", "instruments:synthesizer"])
          expect([words, found(yield* run(folder, "search", words))]).toEqual([words, [expect.stringContaining("tone.wav")]])

        yield* run(folder, "run", "recordings")
        renameSync(join(inbox, "tone.wav"), join(inbox, "a note.wav"))
        expect(summary(yield* run(folder, "run", "recordings"))).toMatchObject({
          items: { done: 3 },
          stages: { caption: { ran: 0 } }
        })
        const [, stages = ""] = readFileSync(config, "utf8").split("  recordings:\n")
        appendFileSync(config, `  again:\n${stages}`)
        expect(summary(yield* run(folder, "run", "again"))).toMatchObject({ items: { done: 3 } })
        expect((yield* emulator.statement).requests).toBe(paid)

        const real = readFileSync(config, "utf8").replace("provider: emulator", "provider: dashscope-intl")
        writeFileSync(config, real)
        expect((yield* run(folder, "check")).code).toBe(0)
      }),
    180_000
  )

  it.scopedLive(
    "goes on after a kill, and pays again at most for what was under way",
    () =>
      Effect.gen(function* () {
        const { emulator, folder } = yield* prepared(ModelEmulator.startProcess({ settings: { answerMillis: 1500 } }))
        const killed = start(folder, "run", "recordings")
        const ended = once(killed, "close")
        yield* Effect.repeat(Effect.delay(emulator.statement, "50 millis"), { until: ({ paid }) => paid >= 2 })
        killed.kill("SIGKILL")
        yield* Effect.promise(() => ended)
        const before = (yield* emulator.statement).paid
        expect(summary(yield* run(folder, "run", "recordings"))).toMatchObject({ items: { done: 3, failed: 0, waiting: 0 } })
        const { byKey, paid } = yield* emulator.statement
        expect(Object.keys(byKey).length).toBe(8)
        expect(paid).toBeLessThanOrEqual(8 + before)
        yield* run(folder, "run", "recordings")
        expect((yield* emulator.statement).paid).toBe(paid)
      }),
    180_000
  )

  it.scopedLive(
    "waits while the account is refused, and goes on by itself",
    () =>
      Effect.gen(function* () {
        const { emulator, folder } = yield* prepared(ModelEmulator.startProcess())
        yield* emulator.change({ keys: ["sk-of-beijing"] })
        const refused = yield* run(folder, "run", "recordings")
        expect(refused.code).toBe(75)
        expect(summary(refused)).toMatchObject({ items: { total: 3, failed: 0 }, cost: {} })
        expect(refused.lines.find(({ code }) => code === "KeyRefused")).toMatchObject({
          message: expect.stringContaining("Incorrect API key provided"),
          help: expect.stringContaining("A key belongs to one region")
        })
        expect(yield* emulator.statement).toMatchObject({ paid: 0 })
        expect(JSON.stringify(refused.lines) + refused.errors).not.toContain("sk-emulator")
        yield* emulator.change({})
        expect(summary(yield* run(folder, "run", "recordings"))).toMatchObject({ items: { done: 3, waiting: 0 } })
      }),
    180_000
  )
})
