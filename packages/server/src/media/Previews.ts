import { Original, RawPath, StateFolder } from "@mediaspool/core"
import { MediaEngine } from "@mediaspool/plugins"
import { Context, Deferred, Effect, FiberMap, Layer } from "effect"
import { promises as fs } from "node:fs"
import { randomUUID } from "node:crypto"
import { join } from "node:path"
import { type Away, type Missing, missing, type Refused, refused } from "../api/Problem.js"
import { LibraryConnection } from "../library/LibraryConnection.js"
import type { FileToSend } from "./FileResponse.js"

/** Bytes that all previews may take; the one that was played longest ago goes first. */
const CEILING = 2 * 1024 ** 3
const AUDIO_BITS = 128_000
/** Pixels */
const VIDEO_HEIGHT = 480

export interface Service {
  /** The copy of a file that browsers play: made when it is asked for the first time, by one for all who ask. */
  readonly of: (original: Original, type: "audio" | "video") => Effect.Effect<FileToSend, Missing | Refused | Away>
}

/** Makes room for what was made last. */
const tidy = async (folder: string): Promise<void> => {
  const files = await Promise.all(
    (await fs.readdir(folder)).map(async (name) => {
      const { atimeMs, mtimeMs, size } = await fs.stat(join(folder, name))
      return { name, size, usedAt: Math.max(atimeMs, mtimeMs) }
    })
  )
  let bytes = files.reduce((sum, { size }) => sum + size, 0)
  for (const { name, size } of files.sort((a, b) => a.usedAt - b.usedAt)) {
    if (bytes <= CEILING) return
    await fs.rm(join(folder, name), { force: true })
    bytes -= size
  }
}

export class Previews extends Context.Tag("@mediaspool/server/Previews")<Previews, Service>() {
  static readonly layer: Layer.Layer<Previews, never, LibraryConnection | MediaEngine> = Layer.scoped(
    Previews,
    Effect.gen(function* () {
      const library = yield* LibraryConnection
      const engine = yield* MediaEngine
      const folder = join(library.folder, "previews")
      const underWay = yield* FiberMap.make<string>()
      const waiting = new Map<string, Deferred.Deferred<void, Refused | Away>>()

      const make = (original: Original, type: "audio" | "video", file: string) =>
        library
          .use(
            Effect.gen(function* () {
              const { temporary } = yield* StateFolder
              const part = join(temporary, `${randomUUID()}.${type === "audio" ? "m4a" : "mp4"}`)
              const copy =
                type === "audio"
                  ? engine.ask(original, { _tag: "AudioCopy", path: part, container: "m4a", codec: "aac", bitRate: AUDIO_BITS })
                  : engine.ask(original, {
                      _tag: "VideoCopy",
                      path: part,
                      container: "mp4",
                      videoCodec: "h264",
                      audioCodec: "aac",
                      maxHeight: VIDEO_HEIGHT
                    })
              yield* Effect.gen(function* () {
                yield* copy
                yield* Effect.promise(async () => {
                  await fs.mkdir(folder, { recursive: true })
                  await fs.rename(part, file)
                  await tidy(folder)
                })
              }).pipe(Effect.ensuring(Effect.promise(() => fs.rm(part, { force: true }))))
            })
          )
          .pipe(Effect.catchTag("MediaError", ({ message }) => refused("PreviewNotMade", message)))

      return {
        of: (original, type) =>
          Effect.gen(function* () {
            const name = `${original.hash}.${type === "audio" ? "m4a" : "mp4"}`
            const file = join(folder, name)
            const isThere = yield* Effect.promise(() =>
              fs.access(file).then(
                () => true,
                () => false
              )
            )
            if (!isThere) {
              const size = yield* Effect.promise(() =>
                fs.stat(RawPath.forNode(original.path)).then(
                  ({ size }) => size,
                  () => undefined
                )
              )
              if (size !== original.size)
                return yield* missing("FileGone", "the file is not there any more, or was changed since it was filed")
              const known = waiting.get(name)
              const made = known ?? (yield* Deferred.make<void, Refused | Away>())
              if (known === undefined) {
                waiting.set(name, made)
                yield* FiberMap.run(
                  underWay,
                  name,
                  Effect.ensuring(
                    Effect.intoDeferred(make(original, type, file), made),
                    Effect.sync(() => waiting.delete(name))
                  )
                )
              }
              yield* Deferred.await(made)
            }
            return { path: file, type: `${type}/mp4`, tag: `${original.hash.slice(0, 32)}-preview` }
          })
      }
    })
  )
}
