import { Column, Database, Original, StateFolder } from "@mediaspool/core"
import { MediaEngine } from "@mediaspool/plugins"
import { Context, Effect, Fiber, FiberMap, Layer } from "effect"
import { randomUUID } from "node:crypto"
import { promises as fs } from "node:fs"
import { join } from "node:path"
import type { Peaks as PeaksReply } from "../api/LibraryApi.js"
import type { Away } from "../api/Problem.js"
import { LibraryConnection } from "../library/LibraryConnection.js"

/** Values a file: more than a row has pixels for. */
const COUNT = 200
/** How long a request waits for files that nobody has measured yet. */
const PATIENCE = "400 millis"
/** A file that can't be decoded is asked for no more, until the server starts again. */
const ATTEMPTS = 3

/** The loudest sample of each part, 255 at full scale. */
export const peaksOf = (samples: Float32Array): Uint8Array => {
  const peaks = new Uint8Array(COUNT)
  for (let i = 0; i < COUNT; i++) {
    const end = Math.max(Math.floor(((i + 1) * samples.length) / COUNT), Math.floor((i * samples.length) / COUNT) + 1)
    let most = 0
    for (let j = Math.floor((i * samples.length) / COUNT); j < Math.min(end, samples.length); j++)
      most = Math.max(most, Math.abs(samples[j] ?? 0))
    peaks[i] = Math.min(255, Math.round(most * 255))
  }
  return peaks
}

/** A picture needs few samples: an hour is read at a rate that gives some thousands for each value. */
const rateFor = (seconds: number): number => (seconds <= 300 ? 8_000 : seconds <= 3_600 ? 2_000 : 1_000)

export interface Service {
  readonly of: (ids: ReadonlyArray<number>) => Effect.Effect<typeof PeaksReply.Type, Away>
}

const known = `SELECT media.id, media.content_hash, CAST(path AS BLOB) AS path, size_bytes, duration_seconds, missing, audio_codec,
  waveform_peaks.content_hash IS NOT NULL AS is_known, peaks
FROM media LEFT JOIN waveform_peaks USING (content_hash) WHERE id IN (SELECT value FROM json_each(?))`

/** Waveforms: measured once for a file, by the media engine, and kept in the library. */
export class Peaks extends Context.Tag("@mediaspool/server/Peaks")<Peaks, Service>() {
  static readonly layer: Layer.Layer<Peaks, never, LibraryConnection | MediaEngine> = Layer.scoped(
    Peaks,
    Effect.gen(function* () {
      const library = yield* LibraryConnection
      const engine = yield* MediaEngine
      const underWay = yield* FiberMap.make<string>()
      const failures = new Map<string, number>()

      const keep = (hash: string, peaks: Uint8Array | null) =>
        library.use(
          Effect.flatMap(Database, (database) =>
            database.write([
              { sql: "INSERT OR REPLACE INTO waveform_peaks (content_hash, peaks) VALUES (?, ?)", values: [hash, peaks] }
            ])
          )
        )
      const measure = (original: Original, seconds: number) =>
        library
          .use(
            Effect.gen(function* () {
              const { temporary } = yield* StateFolder
              const file = join(temporary, `${randomUUID()}.f32`)
              yield* Effect.gen(function* () {
                yield* engine.ask(original, {
                  _tag: "Samples",
                  path: file,
                  sampleRate: rateFor(seconds),
                  maxSeconds: seconds + 10
                })
                const bytes = yield* Effect.promise(() => fs.readFile(file))
                const samples = new Float32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.byteLength / 4))
                yield* keep(original.hash, samples.length === 0 ? null : peaksOf(samples))
              }).pipe(Effect.ensuring(Effect.promise(() => fs.rm(file, { force: true }))))
            })
          )
          .pipe(
            Effect.tapError(() => Effect.sync(() => failures.set(original.hash, (failures.get(original.hash) ?? 0) + 1))),
            Effect.ignore
          )

      const read = (ids: ReadonlyArray<number>) =>
        Effect.flatMap(library.opened, ({ query }) => query.rows(known, [JSON.stringify(ids)]))

      return {
        of: (ids) =>
          Effect.gen(function* () {
            const asked = yield* read(ids)
            const open = asked.filter(
              (row) =>
                row["is_known"] === 0 &&
                row["missing"] === 0 &&
                Column.text(row, "audio_codec") !== undefined &&
                (failures.get(Column.text(row, "content_hash") ?? "") ?? 0) < ATTEMPTS
            )
            const fibers = yield* Effect.forEach(open, (row) => {
              const hash = Column.text(row, "content_hash") ?? ""
              const original = new Original({ hash, size: Column.number(row, "size_bytes") ?? 0, path: Column.path(row, "path") })
              return FiberMap.run(underWay, hash, measure(original, Column.number(row, "duration_seconds") ?? 0), {
                onlyIfMissing: true
              })
            })
            yield* Effect.ignore(Effect.timeout(Fiber.awaitAll(fibers), PATIENCE))
            const rows = open.length === 0 ? asked : yield* read(ids)
            const measured = rows.flatMap((row): ReadonlyArray<[string, string]> => {
              const { peaks } = row
              return peaks instanceof Uint8Array ? [[String(row["id"]), Buffer.from(peaks).toString("base64")]] : []
            })
            const has = new Set(measured.map(([id]) => Number(id)))
            const waits = new Set(
              rows
                .filter((row) => row["is_known"] === 0)
                .map((row) => Number(row["id"]))
                .filter((id) => open.some((row) => row["id"] === id))
            )
            return {
              peaks: Object.fromEntries(measured),
              pending: [...waits],
              none: ids.filter((id) => !has.has(id) && !waits.has(id))
            }
          })
      }
    })
  )
}
