import { Original, RawPath } from "@mediaspool/core"
import { MediaEngine } from "@mediaspool/plugins"
import { Effect, Option } from "effect"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { ExitCode } from "../../ExitCode.js"
import * as layers from "../../layers.js"
import { Output } from "../../output/Output.js"
import { place } from "../../output/Text.js"
import { Refused } from "../../Refused.js"
import { nothingYet, readStore } from "../../store.js"
import * as ReportFile from "./ReportFile.js"
import * as ReportPage from "./ReportPage.js"
import * as RunFacts from "./RunFacts.js"

/** Values of a waveform. */
const PEAKS = 200

/** The loudest sample of each part, 255 at full scale. */
const peaksOf = (samples: Float32Array): Uint8Array => {
  const peaks = new Uint8Array(PEAKS)
  for (const [i, sample] of samples.entries()) {
    const part = Math.min(PEAKS - 1, Math.floor((i * PEAKS) / samples.length))
    peaks[part] = Math.max(peaks[part] ?? 0, Math.min(255, Math.round(Math.abs(sample) * 255)))
  }
  return peaks
}

/** A picture needs few samples. */
const rateFor = (seconds: number): number => (seconds <= 300 ? 8_000 : 1_000)

const temporary = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "spool-report-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** Measures a file's waveform; one that can't be read has none. */
const measured = (file: RunFacts.SampleFile) =>
  Effect.gen(function* () {
    const { contentHash, durationSeconds = 0, hasSound, path, peaks, sizeBytes } = file
    if (peaks !== undefined || !hasSound || !existsSync(RawPath.forNode(path))) return file
    const engine = yield* MediaEngine
    const folder = yield* temporary
    const samples = join(folder, "samples.f32")
    yield* engine.ask(new Original({ hash: contentHash, size: sizeBytes, path }), {
      _tag: "Samples",
      path: samples,
      sampleRate: rateFor(durationSeconds),
      maxSeconds: durationSeconds + 10
    })
    const bytes = yield* Effect.sync(() => readFileSync(samples))
    const values = new Float32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.byteLength / 4))
    return values.length === 0 ? file : { ...file, peaks: peaksOf(values) }
  }).pipe(
    Effect.scoped,
    Effect.orElseSucceed(() => file)
  )

/** Writes the report of a run: of the last one where none is named. */
export const report = (run: Option.Option<number>, to: Option.Option<string>, config: Option.Option<string>) =>
  Effect.gen(function* () {
    const output = yield* Output
    if (Option.isSome(to)) yield* ReportFile.check(resolve(to.value))
    const stored = yield* readStore(config, () => RunFacts.read(Option.getOrUndefined(run)))
    const facts = Option.flatten(stored)
    if (Option.isNone(facts))
      return yield* new Refused({
        code: ExitCode.failed,
        message: Option.match(run, { onNone: () => nothingYet, onSome: (id) => `There is no run ${id}.` }),
        help: "`spool status --json` has the number of the last run."
      })
    const path = resolve(Option.getOrElse(to, () => `report-${facts.value.status.id}.html`))
    yield* ReportFile.check(path)
    const samples = yield* Effect.forEach(facts.value.samples, measured, { concurrency: 2 }).pipe(
      Effect.provide(layers.mediaEngine)
    )
    yield* ReportFile.put(path, ReportPage.page({ ...facts.value, samples }))
    yield* output.value({ type: "report", run: facts.value.status.id, pipeline: facts.value.status.pipeline, path })
    if (!output.json) yield* output.print(`Report of run ${facts.value.status.id} written to ${place(path)}.`)
  })
