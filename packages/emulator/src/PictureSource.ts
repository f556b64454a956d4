import { Effect } from "effect"
import { bytesOf, limitsOf } from "./AudioSource.js"
import type { Decode, Look } from "./Decoder.js"
import * as Pictures from "./Pictures.js"
import { type Refusal, refusals } from "./Refusal.js"
import type { Sound } from "./Sound.js"
import type { UploadStore } from "./UploadStore.js"
import type { Checked } from "./Validation.js"

/** The pictures of a request, fetched and looked at; of a video with its sound. */
export interface Watched {
  readonly bytes: Buffer
  readonly seen: Pictures.Seen
  readonly sound: Sound | undefined
}

const isMp4 = (bytes: Buffer): boolean => bytes.toString("latin1", 4, 8) === "ftyp"

/** Fetches pictures or a video and holds them against the model's limits. */
export const watch = (
  checked: Checked,
  decode: Decode,
  look: Look,
  store: UploadStore,
  resolves: boolean
): Effect.Effect<Watched | undefined, Refusal> =>
  Effect.gen(function* () {
    const { frames, video } = checked
    if (frames === undefined && video === undefined) return undefined
    const fetch = (url: string) => bytesOf(checked, url, store, resolves)
    const illegal = refusals.data("The image format is illegal and cannot be opened.")
    if (frames !== undefined) {
      const jpegs = yield* Effect.forEach(frames, fetch)
      const film = Pictures.video(jpegs)
      if (film === undefined) return yield* illegal
      const seen = yield* look(film, "avi").pipe(Effect.mapError(() => illegal))
      return { bytes: Buffer.concat(jpegs), seen, sound: undefined }
    }
    const bytes = yield* fetch(video ?? "")
    if (!isMp4(bytes)) return yield* refusals.data("The video format is illegal and cannot be opened.")
    const seen = yield* look(bytes, "mp4").pipe(
      Effect.mapError(() => refusals.data("The video format is illegal and cannot be opened."))
    )
    if (seen.pictures / Pictures.RATE > (limitsOf(checked.vendor).maxVideoSeconds ?? Infinity) + 1)
      return yield* refusals.parameter("The video is too long.")
    const sound = yield* Effect.option(decode(bytes, "mp4"))
    return { bytes, seen, sound: sound._tag === "Some" ? sound.value : undefined }
  })
