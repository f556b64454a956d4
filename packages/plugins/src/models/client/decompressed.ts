import type { Transform } from "node:stream"
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib"

/** What undoes an encoding, where a service, or a proxy before it, encodes an answer though nobody asked for it (RFC 9110, 8.4.1). */
const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip(),
  "x-gzip": () => createGunzip(),
  deflate: () => createInflate(),
  br: () => createBrotliDecompress()
}

/** Bytes that are decoded at a time: what they swell to must stay small. */
const STEP = 4096

/** Whether a body in this encoding can be read. */
export const isEncoded = (encoding: string): boolean => encoding in decoders

/** The bytes of an encoded body as they come: all that came before it broke, then its error. */
export async function* decompressed(body: AsyncIterable<Uint8Array>, encoding: string): AsyncGenerator<Uint8Array> {
  const decoder = decoders[encoding]?.()
  if (decoder === undefined) return yield* body
  const waiting: Array<Uint8Array> = []
  decoder.on("data", (bytes: Uint8Array) => waiting.push(bytes))
  const broken = new Promise<never>((_, reject) => decoder.once("error", reject))
  broken.catch(() => undefined)
  const step = (run: (done: () => void) => void): Promise<void> => Promise.race([new Promise<void>(run), broken])
  try {
    for await (const bytes of body)
      for (let at = 0; at < bytes.length; at += STEP) {
        await step((done) => decoder.write(bytes.subarray(at, at + STEP), () => done()))
        yield* waiting.splice(0)
      }
    await step((done) => decoder.once("end", done).end())
    yield* waiting.splice(0)
  } finally {
    decoder.destroy()
  }
}
