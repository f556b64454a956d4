import { expect, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as InstalledEngines from "../testing/InstalledEngines.js"
import * as SampleMedia from "../testing/SampleMedia.js"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import { MediaEngine } from "./MediaEngine.js"

const installed = await Effect.runPromise(InstalledEngines.find)

const chunk = (id: string, body: Uint8Array): Buffer => {
  const size = Buffer.alloc(4)
  size.writeUInt32LE(body.length)
  return Buffer.concat([Buffer.from(id, "latin1"), size, body, Buffer.alloc(body.length % 2)])
}

/** A WAV with the title in RIFF INFO, which declares no encoding. */
const titled = (title: Uint8Array): Buffer => {
  const wav = Buffer.from(SampleMedia.wav("tone", { seconds: 0.2 }))
  const info = chunk("LIST", Buffer.concat([Buffer.from("INFO"), chunk("INAM", Buffer.concat([title, Buffer.alloc(1)]))]))
  const whole = Buffer.concat([wav, info])
  whole.writeUInt32LE(whole.length - 8, 4)
  return whole
}

const titles = [
  ["Grüße", Buffer.from("Grüße", "latin1")],
  ["Привет мир", Buffer.from("cff0e8e2e5f220ece8f0", "hex")],
  ["雨の音", Buffer.from("894a82cc89b9", "hex")],
  ["城市夜雨", Buffer.from("城市夜雨")]
] as const

for (const engine of installed)
  layer(MediaEngine.with({ engine }).pipe(Layer.provideMerge(TemporaryFolder.state)), { timeout: "60 seconds" })(
    `Tags read with ${engine}`,
    (it) => {
      it.scoped.each(titles)("has the title %s as it was meant", ([title, bytes]) =>
        Effect.gen(function* () {
          const folder = yield* TemporaryFolder.make
          const engine = yield* MediaEngine
          const wav = yield* SampleMedia.write(folder, "a.wav", titled(bytes))
          expect((yield* engine.probe(wav)).tags["title"]).toBe(title)
        })
      )
    }
  )
