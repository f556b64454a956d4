import { at, type ReadBytes } from "./FileBytes.js"

/**
 * From this size on, a header says nothing: recorders that can't go back to complete it write 0, the highest number, or (sox) the
 * largest that fits into 31 bits.
 */
const UNKNOWN = 0x7fff_0000

/** The length in 64 bits; 0 where no recorder reaches it. */
const long = (bytes: bigint): number => (bytes > 0n && bytes < 1n << 48n ? Number(bytes) : 0)

/** Chunks of a CAF before its samples that are looked at. */
const CHUNKS = 64

/** Where the samples of a CAF end, as their chunk says (-1: up to the end of the file). */
const cafEnd = (read: ReadBytes): number => {
  let position = 8
  for (let n = 0; n < CHUNKS; n++) {
    const head = read(12, position)
    if (head.length < 12) return 0
    const bytes = long(head.readBigInt64BE(4))
    if (at(head, 0, "data")) return bytes === 0 ? 0 : position + 12 + bytes
    position += 12 + bytes
  }
  return 0
}

const ASF_FILE = Buffer.from("a1dcab8c47a9cf118ee400c00c205365", "hex")

/** Bytes of an ASF, as its properties say, unless it is a broadcast. */
const asfEnd = (head: Buffer): number => {
  const properties = head.indexOf(ASF_FILE)
  if (properties < 0 || properties + 92 > head.length || (head.readUInt32LE(properties + 88) & 1) !== 0) return 0
  return long(head.readBigUInt64LE(properties + 40))
}

/** Where a file ends, as its header says; 0 where it says nothing. */
const toldEnd = (read: ReadBytes, head: Buffer): number => {
  if (head.length < 12) return 0
  if (at(head, 0, "RIFF") || at(head, 0, "RIFX")) {
    const said = at(head, 0, "RIFX") ? head.readUInt32BE(4) : head.readUInt32LE(4)
    return said === 0 || said >= UNKNOWN ? 0 : said + 8
  }
  if (at(head, 0, "riff") && at(head, 24, "wave") && head.length >= 40) return long(head.readBigUInt64LE(16))
  if (at(head, 0, "caff")) return cafEnd(read)
  return at(head, 0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11") ? asfEnd(head) : 0
}

/** Bytes that a file lacks of what its header says. */
export const lacking = (read: ReadBytes, head: Buffer, size: number): number => Math.max(0, toldEnd(read, head) - size)
