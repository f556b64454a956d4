type Random = () => number

/** Ways in which files go wrong. */
const ways: ReadonlyArray<(bytes: Buffer, random: Random) => Buffer> = [
  // Bytes anywhere.
  (bytes, random) => {
    for (let i = 0; i < 1 + random() * 60; i++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
    return bytes
  },
  // Bits of the first half kilobyte, where sizes, rates and counts are.
  (bytes, random) => {
    for (let i = 0; i < 1 + random() * 8; i++) {
      const at = Math.floor(random() * Math.min(512, bytes.length))
      bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8))
    }
    return bytes
  },
  // An end too soon.
  (bytes, random) => bytes.subarray(0, Math.floor(random() * bytes.length)),
  // A hole, as a broken disk leaves.
  (bytes, random) => bytes.fill(0, Math.floor(random() * bytes.length), Math.floor(random() * bytes.length)),
  // A stretch twice.
  (bytes, random) => {
    const at = Math.floor(random() * bytes.length)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.floor(random() * at), at), bytes.subarray(at)])
  },
  // The greatest number somewhere in the head.
  (bytes, random) => bytes.fill(0xff, Math.floor(random() * 100), 100 + Math.floor(random() * 8)),
  // A size, of a chunk or of a box, that says something else.
  (bytes, random) => {
    const at = Math.floor(random() * Math.max(1, Math.min(4096, bytes.length - 4)))
    const sizes = [0, 1, 7, 8, 0x7fffffff, 0xfffffffe, bytes.length, Math.floor(random() * 0xffffffff)]
    const size = sizes[Math.floor(random() * sizes.length)] ?? 0
    if (bytes.length < 8) return bytes
    if (random() < 0.5) bytes.writeUInt32LE(size, at)
    else bytes.writeUInt32BE(size, at)
    return bytes
  }
]

/**
 * Bytes as a broken disk, a broken copy or a broken program leaves them; may change what it is given.
 *
 * @param random from 0 to 1, as {@link randomFrom} gives it
 */
export const mutate = (bytes: Buffer, random: Random): Buffer =>
  ways[Math.floor(random() * ways.length)]?.(bytes, random) ?? bytes
