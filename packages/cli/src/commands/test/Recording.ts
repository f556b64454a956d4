import { Canonical, Failure, type Json, Money, Usage } from "@mediaspool/core"
import { FileSystem, Path } from "@effect/platform"
import { Effect, Schema } from "effect"

const Identity = Schema.declare((value): value is { readonly [key: string]: Json } => typeof value === "object" && value !== null)

/** Paid calls of one test, with their replies as they came, and the decisions that they rest on. Kept beside the config, in version control. */
export class Recording extends Schema.Class<Recording>("@mediaspool/Recording")({
  calls: Schema.Array(
    Schema.Struct({
      identity: Identity,
      account: Schema.String,
      model: Schema.String,
      reply: Schema.Struct({
        body: Schema.String,
        requestId: Schema.optional(Schema.String),
        usage: Schema.optional(Usage),
        price: Schema.optional(Money)
      })
    })
  ),
  decisions: Schema.Array(Schema.Struct({ identity: Identity, value: Schema.String }))
}) {}

export class RecordingError extends Failure.Class<RecordingError>()("RecordingError", {
  ReplyNotRecorded: {
    retry: "never",
    help: "`spool test --live` makes the paid call and records the reply; later tests are offline and free."
  },
  RecordingUnreadable: {
    retry: "config",
    help: "Restore the file from version control, or remove it and record again with `spool test --live`."
  },
  RecordingNotWritten: { retry: "now", help: "Check the config folder's permissions and free disk space." }
}) {}

/** `recordings/sounds/rain.json`, beside the config. */
export const fileOf = (folder: string, pipeline: string, test: string) =>
  Effect.map(Path.Path, (path) => path.join(folder, "recordings", pipeline, `${test}.json`))

const json = Schema.parseJson(Recording, { space: 2 })

/** The recording in a file; an empty one when there is none. */
export const read = (file: string): Effect.Effect<Recording, RecordingError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const unreadable = (cause: { readonly message: string }) =>
      new RecordingError({ code: "RecordingUnreadable", detail: `${file}: ${cause.message}` })
    if (!(yield* Effect.mapError(fs.exists(file), unreadable))) return new Recording({ calls: [], decisions: [] })
    const text = yield* Effect.mapError(fs.readFileString(file), unreadable)
    return yield* Effect.mapError(Schema.decode(json)(text), unreadable)
  })

/** Writes a recording; one without calls and decisions leaves no file. */
export const write = (
  file: string,
  recording: Recording
): Effect.Effect<void, RecordingError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    if (recording.calls.length + recording.decisions.length === 0) return yield* fs.remove(file, { force: true })
    yield* fs.makeDirectory(path.dirname(file), { recursive: true })
    yield* fs.writeFileString(`${file}.tmp`, `${yield* Schema.encode(json)(recording)}\n`)
    yield* fs.rename(`${file}.tmp`, file)
  }).pipe(Effect.mapError((cause) => new RecordingError({ code: "RecordingNotWritten", detail: `${file}: ${cause.message}` })))

/** What a call or a decision is found by. */
export const keyOf = (identity: { readonly [key: string]: Json }): Effect.Effect<string> =>
  // Identities are plain JSON; one that isn't is a defect of the stage.
  Effect.orDie(Canonical.stringify(identity))
