import { StateFolder } from "@mediaspool/core"
import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import { promises as fs } from "node:fs"
import { basename, join } from "node:path"
import type { Engine } from "../Engine.js"
import type { Inspection } from "../Inspection.js"
import type { MediaError } from "../MediaError.js"
import * as MediaUrl from "../MediaUrl.js"
import { errorOf, remove } from "../verifyOutputs.js"

/** A tenth of a second of 8 kHz silence. */
const secret = (): Buffer => {
  const data = Buffer.alloc(1600)
  const head = Buffer.from("RIFF....WAVEfmt ....................data....", "latin1")
  const bytes = Buffer.concat([head, data])
  bytes.writeUInt32LE(bytes.length - 8, 4)
  bytes.writeUInt32LE(16, 16)
  for (const [n, value] of [1, 1].entries()) bytes.writeUInt16LE(value, 20 + 2 * n)
  bytes.writeUInt32LE(8000, 24)
  bytes.writeUInt32LE(16_000, 28)
  bytes.writeUInt16LE(2, 32)
  bytes.writeUInt16LE(16, 34)
  bytes.writeUInt32LE(data.length, 40)
  return bytes
}

const inspection: Inspection = {
  size: 1644,
  container: "mp3",
  durationSeconds: 0.1,
  streams: [{ index: 0, type: "audio", codec: "pcm_s16le", sampleRate: 8000, channels: 1 }],
  tags: {}
}

/** Playlists that open a file beside them: which of the two a version of FFmpeg falls for differs. */
const playlists: ReadonlyArray<(wav: string) => string> = [
  (wav) => `ffconcat version 1.0\nfile ${basename(wav)}\n`,
  (wav) => `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:0.1,\n${MediaUrl.of(wav)}\n#EXT-X-ENDLIST\n`
]

const write = (path: string, content: string | Buffer): Effect.Effect<void, MediaError> =>
  Effect.tryPromise({ try: () => fs.writeFile(path, content), catch: errorOf })

const sizeOf = (path: string): Effect.Effect<number> =>
  Effect.promise(() =>
    fs.stat(path).then(
      ({ size }) => size,
      () => 0
    )
  )

/**
 * Whether the engine leaves a playlist alone that names another file: plants some and tries. Playlists are refused before they get to the
 * engine; this is the wall behind.
 */
export const closesWhitelist = (engine: Engine): Effect.Effect<boolean, MediaError, StateFolder> =>
  Effect.gen(function* () {
    const { temporary } = yield* StateFolder
    const closed = yield* Effect.forEach(
      playlists,
      (text) => {
        const base = join(temporary, randomUUID())
        const [wav, playlist, leaked] = [`${base}.wav`, `${base}.mp4`, `${base}.f32`] as const
        const request = { _tag: "Samples", path: MediaUrl.of(leaked), sampleRate: 8000, maxSeconds: 1 } as const
        const tried = Effect.ignore(
          engine.run([{ url: MediaUrl.of(playlist), inspection, requests: [request] }], () => Effect.void)
        )
        return Effect.all([write(wav, secret()), write(playlist, text(wav)), tried]).pipe(
          Effect.zipRight(sizeOf(leaked)),
          Effect.map((size) => size === 0),
          Effect.ensuring(Effect.forEach([wav, playlist, leaked], remove))
        )
      },
      { concurrency: "unbounded" }
    )
    return closed.every(Boolean)
  })
