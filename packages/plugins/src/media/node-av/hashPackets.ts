import { Packet } from "node-av/lib"
import { createHash } from "node:crypto"
import { writeFileSync } from "node:fs"
import { mayHaveHeaders, type PacketsPass } from "../DecodePass.js"
import { line } from "../requests/packetHash.js"
import { showsStreamsLate } from "../security/Whitelist.js"
import type { DecodeContext } from "./DecodeContext.js"
import { pathOf } from "./FrameSink.js"
import { open } from "./InputFile.js"

/** Bytes of an ADTS header, if a packet begins with one: two more with a checksum. */
const headerOf = (bytes: Buffer): number =>
  bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xf6) === 0xf0 ? (((bytes[1] ?? 0) & 1) === 1 ? 7 : 9) : 0

/** Writes the hash of a track's packets, through all parts of the file. */
export const hashPackets = (pass: PacketsPass, { container, parts, raw, url }: DecodeContext): void => {
  const hash = createHash("sha256")
  const packet = new Packet()
  packet.alloc()
  for (const range of parts ?? [undefined]) {
    const input = open(url, [pass.stream], { container, late: showsStreamsLate(container), range, raw })
    while (input.context.readFrameSync(packet) >= 0) {
      const { data } = packet
      if (packet.streamIndex === pass.stream.index && data !== null)
        hash.update(mayHaveHeaders(pass) ? data.subarray(headerOf(data)) : data)
      packet.unref()
    }
    input.context.closeInputSync()
  }
  packet.free()
  writeFileSync(pathOf(pass.request.path), line(hash.digest("hex")))
}
