import * as SampleMedia from "../../testing/SampleMedia.js"

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}
const chunk = (id: string, body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(id), number(body.length), body, Buffer.alloc(body.length % 2)])

/** A broadcast wave as a recorder writes it: bext, iXML, cue, a chunk that nobody knows, and RIFF INFO. */
export const make = (form: "RIFF" | "RF64"): Buffer => {
  const wav = Buffer.from(SampleMedia.wav("tone", { seconds: 0.3 }))
  const data = wav.indexOf("data")
  const sound = wav.subarray(data + 8)
  const parts = [
    wav.subarray(12, data),
    chunk("bext", Buffer.alloc(602, "b")),
    chunk("iXML", Buffer.from("<BWFXML/>")),
    form === "RF64" ? Buffer.concat([Buffer.from("data"), number(0xffffffff), sound]) : chunk("data", sound),
    chunk("cue ", Buffer.alloc(28, 1)),
    chunk("abcd", Buffer.from("odd")),
    chunk("LIST", Buffer.concat([Buffer.from("INFO"), chunk("INAM", Buffer.from("Gr\xfc\xdfe\0", "latin1"))]))
  ]
  const long = (value: number) => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64LE(BigInt(value))
    return bytes
  }
  const length = parts.reduce((sum, part) => sum + part.length, 4) + (form === "RF64" ? 36 : 0)
  const head =
    form === "RF64" ? chunk("ds64", Buffer.concat([long(length), long(sound.length), long(0), number(0)])) : Buffer.alloc(0)
  return Buffer.concat([Buffer.from(form), number(form === "RF64" ? 0xffffffff : length), Buffer.from("WAVE"), head, ...parts])
}
