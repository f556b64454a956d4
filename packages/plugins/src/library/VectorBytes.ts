/** A vector as the library keeps it: 32-bit floats, little-endian. */
export const encode = (values: ReadonlyArray<number>): Uint8Array => {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [n, value] of values.entries()) bytes.writeFloatLE(value, 4 * n)
  return bytes
}

/** What {@link encode} made. */
export const decode = (bytes: Uint8Array): Float32Array => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float32Array.from({ length: bytes.byteLength >> 2 }, (_, n) => view.getFloat32(4 * n, true))
}

/** The squared distance between a vector and a kept one. Reads the bytes where they lie: it is asked of every file of a library. */
export const squaredDistance = (from: Float32Array, bytes: Uint8Array): number => {
  // Bytes come from SQLite at any offset: a view of floats needs one of four.
  const to = bytes.byteOffset % 4 === 0 ? new Float32Array(bytes.buffer, bytes.byteOffset, from.length) : decode(bytes)
  let sum = 0
  for (let n = 0; n < from.length; n++) {
    const difference = (from[n] ?? 0) - (to[n] ?? 0)
    sum += difference * difference
  }
  return sum
}
