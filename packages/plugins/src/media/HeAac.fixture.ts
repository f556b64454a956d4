/**
 * HE-AAC whose header tells only its core (implicit signalling), from plain AAC: no encoder that is free to ship makes it. Each frame is
 * given flat spectral band replication data (ISO/IEC 14496-3, 4.4.2.8), and for version 2 an empty parametric stereo (8.4.1).
 */

/** Fields of so many bits each. */
const bits = (...fields: ReadonlyArray<readonly [value: number, width: number]>): string =>
  fields.map(([value, width]) => value.toString(2).padStart(width, "0")).join("")
const times = (count: number, field: string): string => field.repeat(count)

/** Bands 13 to 45 of 64, scale 2, one noise band. */
const header = bits([1, 1], [0, 1], [5, 4], [9, 4], [0, 3], [0, 2], [1, 1], [0, 1], [2, 2], [1, 1], [0, 2])
/** One envelope of 8 bands at one level, and one level of noise. */
const envelope = bits([20, 7], [0, 7])
const noise = bits([10, 5])

const replication = {
  mono: "0" + times(1, "00000") + "00" + "00" + envelope + noise + "0" + "0",
  stereo: "00" + times(2, "00000") + times(2, "00") + times(2, "00") + times(2, envelope) + times(2, noise) + "000",
  // Two bytes of extension: parametric stereo whose header turns everything off.
  parametric: "0" + times(1, "00000") + "00" + "00" + envelope + noise + "0" + "1" + bits([2, 4], [2, 2], [64, 7], [0, 7])
}

const whole = (field: string): string => field.padEnd(Math.ceil(field.length / 8) * 8, "0")

/**
 * @param plain AAC-LC in ADTS at half the rate; with one channel for `mono` and `parametric`
 * @returns the same in ADTS, as HE-AAC: `parametric` is version 2
 */
export const heAac = (plain: Buffer, kind: keyof typeof replication): Buffer => {
  const frames: Array<Buffer> = []
  for (let at = 0; at + 7 < plain.length;) {
    const length = ((plain.readUInt8(at + 3) & 3) << 11) | (plain.readUInt8(at + 4) << 3) | (plain.readUInt8(at + 5) >> 5)
    const core = [...plain.subarray(at + 7, at + length)].map((byte) => bits([byte, 8])).join("")
    // Behind the last element stands an end, and zeros.
    const elements = core.replace(/0*$/, "").slice(0, -3)
    const fill = whole("1101" + header + replication[kind])
    const bytes = fill.length / 8
    const count = bytes < 15 ? bits([bytes, 4]) : bits([15, 4], [bytes - 14, 8])
    const body = whole(elements + "110" + count + fill + "111")
    const made = Buffer.concat([
      plain.subarray(at, at + 7),
      Buffer.from(body.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? [])
    ])
    made[3] = (made.readUInt8(3) & 0xfc) | (made.length >> 11)
    made[4] = (made.length >> 3) & 0xff
    made[5] = (made.readUInt8(5) & 31) | ((made.length & 7) << 5)
    frames.push(made)
    at += length
  }
  return Buffer.concat(frames)
}
