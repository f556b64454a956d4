import { Context, Effect, Schema } from "effect"
import * as Failure from "../stage/Failure.js"
import * as Field from "../stage/Field.js"
import { Original, SourceFile } from "../stage/FileRef.js"
import { all, maybe } from "../stage/Port.js"
import * as Sink from "../stage/Sink.js"
import * as Stage from "../stage/Stage.js"

/** Stages like the real ones in wiring, config and errors, for tests that need no media. */
export class Probe extends Schema.TaggedClass<Probe>()("Probe", { seconds: Schema.Number }) {}
export class AudioFile extends Schema.TaggedClass<AudioFile>()("AudioFile", { hash: Schema.String }) {}
export class Caption extends Schema.TaggedClass<Caption>()("Caption", { text: Schema.String }) {}
export class Tags extends Schema.TaggedClass<Tags>()("Tags", { tags: Schema.Array(Schema.Struct({ label: Schema.String })) }) {}
export class Saved extends Schema.TaggedClass<Saved>()("Saved", {}) {}

export class MediaError extends Failure.Class<MediaError>()("MediaError", {
  Unreadable: { retry: "never", help: "Look whether the file plays." }
}) {}
export class ModelError extends Failure.Class<ModelError>()("ModelError", {
  Busy: { retry: "later", help: "Wait." }
}) {}

export class Engine extends Context.Tag("test/Engine")<Engine, { readonly seconds: Effect.Effect<number, MediaError> }>() {}

export const ingest = Stage.make({
  name: "ingest",
  version: 1,
  summary: "Lets a file in",
  input: { original: Original },
  output: SourceFile,
  config: Field.none,
  error: MediaError,
  run: ({ original }) => Effect.succeed(new SourceFile({ file: original, mediaType: "audio/wav" }))
})

export const probe = Stage.make({
  name: "probe",
  version: 1,
  summary: "Reads the container",
  input: { file: SourceFile },
  output: Probe,
  config: Field.none,
  error: MediaError,
  run: () =>
    Effect.map(
      Effect.flatMap(Engine, ({ seconds }) => seconds),
      (seconds) => new Probe({ seconds })
    )
})

export const transcode = Stage.make({
  name: "transcode",
  version: 1,
  summary: "Makes a copy",
  input: { file: SourceFile, probe: Probe },
  output: AudioFile,
  config: Schema.Struct({
    format: Field.required(Schema.Literal("mp3", "wav"), "Container of the copy"),
    sampleRate: Field.withDefault(Schema.Int, 16000, "Hz")
  }),
  error: MediaError,
  run: ({ file }, { format }) => Effect.succeed(new AudioFile({ hash: file.file.hash + format })),
  examples: [{ title: "For a captioner", with: { format: "mp3" } }]
})

export const caption = Stage.make({
  name: "caption",
  version: 1,
  summary: "Says what is heard",
  input: { audio: AudioFile, probe: maybe(Probe) },
  output: Caption,
  config: Schema.Struct({ provider: Field.withDefault(Schema.String, "nobody", "Who listens") }),
  error: ModelError,
  run: ({ audio, probe }) => Effect.succeed(new Caption({ text: `${audio.hash} ${probe?.seconds ?? 0}` }))
})

export const tags = Stage.make({
  name: "omni-tags",
  version: 1,
  summary: "Labels what is heard",
  input: { audio: AudioFile },
  output: Tags,
  config: Field.none,
  error: ModelError,
  run: ({ audio }) => Effect.succeed(new Tags({ tags: [{ label: audio.hash }] }))
})

export const persist = Sink.make({
  name: "persist",
  version: 1,
  summary: "Keeps what was found",
  input: { file: SourceFile, results: all(Probe, Caption, Tags) },
  output: Saved,
  config: Field.none,
  error: MediaError,
  run: () => Effect.succeed(new Saved({}))
})

export const keep = Stage.make({
  name: "keep",
  version: 1,
  summary: "Keeps everything",
  input: { results: all() },
  output: Saved,
  config: Field.none,
  error: MediaError,
  run: () => Effect.succeed(new Saved({}))
})
