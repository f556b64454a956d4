import {
  Artifact,
  ArtifactError,
  Artifacts,
  Failure,
  Field,
  Plugin,
  Program,
  ProgramError,
  Progress,
  Stage
} from "@mediaspool/core"
import { Probe, SourceFile } from "@mediaspool/plugins"
import { Effect, Schema } from "effect"

/** Pictures of a video, in order, at even distances. */
export class Stills extends Schema.TaggedClass<Stills>("example-stills/Stills")("Stills", { files: Schema.Array(Artifact) }) {}
/** All of them on one picture. */
export class ContactSheet extends Schema.TaggedClass<ContactSheet>("example-stills/ContactSheet")("ContactSheet", {
  file: Artifact,
  columns: Schema.Int
}) {}

export class StillsError extends Failure.Class<StillsError>()("StillsError", {
  StillsNoPicture: { retry: "skip", help: "The file has no moving picture; the stage does not apply to it." }
}) {}

export const stills = Stage.make({
  name: "stills",
  version: 1,
  summary: "Takes pictures from a video at even distances, with ffmpeg",
  input: { file: SourceFile, probe: Probe },
  output: Stills,
  config: Schema.Struct({
    count: Field.withDefault(Schema.Int.pipe(Schema.between(1, 999)), 9, "How many pictures"),
    width: Field.withDefault(Schema.Int.pipe(Schema.between(16, 4096)), 160, "Width of a picture in pixels")
  }),
  error: Schema.Union(ArtifactError, ProgramError, StillsError),
  run: ({ file, probe }, { count, width }) =>
    Effect.gen(function* () {
      if (!probe.streams.some(({ type }) => type === "video"))
        return yield* new StillsError({ code: "StillsNoPicture", detail: "there is no moving picture in this file" })
      const artifacts = yield* Artifacts
      const progress = yield* Progress
      const filter = `fps=${count / Math.max(probe.durationSeconds, 0.1)},scale=${width}:-2`
      const { artifacts: files } = yield* artifacts.folder("still", (folder) =>
        Program.run(
          "ffmpeg",
          [
            ...Program.ffmpegInput(file.file.path),
            "-vf",
            filter,
            "-frames:v",
            `${count}`,
            "-progress",
            "pipe:1",
            `${folder}/%03d.jpg`
          ],
          {
            onLine: (line) => {
              const done = Number(/^frame=\s*(\d+)/.exec(line)?.[1] ?? 0)
              return done > 0 ? progress.report(Math.min(1, done / count), `picture ${done} of ${count}`) : Effect.void
            }
          }
        )
      )
      return new Stills({ files })
    })
})

export const contactSheet = Stage.make({
  name: "contact-sheet",
  version: 1,
  summary: "Puts the stills of a video on one picture, with ffmpeg",
  input: { stills: Stills },
  output: ContactSheet,
  config: Schema.Struct({ columns: Field.withDefault(Schema.Int.pipe(Schema.between(1, 20)), 3, "Pictures in a row") }),
  error: Schema.Union(ArtifactError, ProgramError),
  run: ({ stills: { files } }, { columns }) =>
    Effect.gen(function* () {
      const artifacts = yield* Artifacts
      const inputs = files.flatMap(({ path }) => ["-i", path])
      const filter = `concat=n=${files.length},tile=${columns}x${Math.ceil(files.length / columns)}`
      const { artifact } = yield* artifacts.write("sheet", "jpg", (path) =>
        Program.run("ffmpeg", ["-nostdin", ...inputs, "-filter_complex", filter, "-frames:v", "1", path])
      )
      return new ContactSheet({ file: artifact, columns })
    })
})

export default Plugin.make({
  name: "example-stills",
  stages: [stills, contactSheet],
  permissions: { programs: ["ffmpeg"] }
})
