import { Stage, Temporary } from "@mediaspool/core"
import { Effect, Option, Schema } from "effect"
import { Fingerprint, SourceFile } from "../kinds.js"
import { TIMBRE } from "../library/Likeness.js"
import { MediaEngine } from "../media/MediaEngine.js"
import { MediaError } from "../media/MediaError.js"
import { track, tracked } from "./listen/track.js"

/** Words as text: four bytes each, big-endian, in base64. */
const packed = (words: ReadonlyArray<number>): string => {
  const bytes = Buffer.alloc(4 * words.length)
  for (const [n, word] of words.entries()) bytes.writeUInt32BE(word, 4 * n)
  return bytes.toString("base64")
}

/** Measures what a sound can be known again by, on the samples that `acoustic` decodes. */
export const fingerprint = Stage.make({
  name: "fingerprint",
  version: 1,
  summary: "Measures what a sound can be known again by: `spool duplicates` finds the same sound in other files",
  input: { file: SourceFile },
  output: Fingerprint,
  config: Schema.Struct({ track }),
  error: MediaError,
  run: ({ file: { file } }, config) =>
    Effect.gen(function* () {
      const engine = yield* MediaEngine
      const heard = tracked(config)
      const path = yield* Temporary.file("hash")
      const [{ fingerprint, timbre }, packets] = yield* Effect.all(
        [
          engine.askAll(file, { fingerprint: { _tag: "Fingerprint", ...heard }, timbre: { _tag: "Timbre", ...heard } }),
          // What can't be hashed as it stands is compared decoded.
          Effect.option(engine.ask(file, { _tag: "PacketHash", path, ...heard }))
        ],
        { concurrency: "unbounded" }
      )
      const { durationSeconds } = yield* engine.probe(file)
      return new Fingerprint({
        audioHash: fingerprint.audioHash,
        ...Option.match(packets, { onNone: () => ({}), onSome: ({ hash }) => ({ packetHash: hash }) }),
        words: packed(fingerprint.words),
        timbre: timbre.values,
        timbreModel: TIMBRE,
        durationSeconds
      })
    }).pipe(Effect.scoped),
  examples: [{ title: "Of the first sound track", with: { track: "first" } }]
})
