/** What can honestly be said of pictures without understanding them. */
export interface Seen {
  /** How many were looked at. */
  readonly pictures: number
  /** Stretches between two cuts, in their order. */
  readonly scenes: ReadonlyArray<{
    readonly red: number
    readonly green: number
    readonly blue: number
    readonly motion: number
    readonly isBlack: boolean
  }>
}

/** A colour's plain name, by its mean red, green and blue. */
export const colourOf = ({ blue, green, isBlack, red }: Seen["scenes"][number]): string => {
  const [most, least] = [Math.max(red, green, blue), Math.min(red, green, blue)]
  if (isBlack || most < 16) return "black"
  if (most - least < 24) return most > 200 ? "white" : "grey"
  const near = (channel: number): boolean => channel > most - (most - least) / 3
  const [isRed, isGreen, isBlue] = [near(red), near(green), near(blue)]
  if (isRed && isGreen) return "yellow"
  if (isGreen && isBlue) return "turquoise"
  if (isRed && isBlue) return "violet"
  return isRed ? "red" : isGreen ? "green" : "blue"
}

/** Mean change a second. */
export const motionOf = ({ scenes }: Seen): number =>
  scenes.reduce((sum, { motion }) => sum + motion, 0) / Math.max(1, scenes.length)

const motions = (motion: number): string => (motion < 0.01 ? "Nothing moves" : motion < 0.1 ? "Something moves" : "Much moves")

/** What a model would say of the pictures, if it only said what it had measured. */
export const describe = (seen: Seen): string => {
  const [first, ...others] = seen.scenes.map(colourOf)
  const course = others.map((colour) => `, then ${colour}`).join("")
  return `The picture is mostly ${first ?? "black"} at first${course}. ${motions(motionOf(seen))} in it.`
}

/** Width and height of a JPEG, from its start of frame; `undefined` of anything else. */
const sizeOf = (jpeg: Buffer): readonly [width: number, height: number] | undefined => {
  if (jpeg.length < 4 || jpeg.readUInt16BE(0) !== 0xffd8) return undefined
  for (let at = 2; at + 9 <= jpeg.length && jpeg[at] === 0xff;) {
    const marker = jpeg[at + 1] ?? 0
    if (marker >= 0xc0 && marker <= 0xc3) return [jpeg.readUInt16BE(at + 7), jpeg.readUInt16BE(at + 5)]
    at += 2 + jpeg.readUInt16BE(at + 2)
  }
  return undefined
}

const numbers = (...values: ReadonlyArray<number>): Buffer => {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [n, value] of values.entries()) bytes.writeUInt32LE(value, 4 * n)
  return bytes
}
const chunk = (name: string, ...parts: ReadonlyArray<Buffer>): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from(name), numbers(body.length), body, Buffer.alloc(body.length % 2)])
}

/** Pictures a second of what a request's pictures are made into. */
export const RATE = 2

/** JPEGs as a video that the media engine reads, so that pictures and videos are looked at alike; `undefined` where one is no JPEG. */
export const video = (jpegs: ReadonlyArray<Buffer>): Buffer | undefined => {
  const sizes = jpegs.map(sizeOf)
  const [size] = sizes
  if (size === undefined || sizes.some((one) => one === undefined)) return undefined
  const [width, height] = size
  const planes = Buffer.from([1, 0, 24, 0])
  const motionJpeg = Buffer.from("MJPG")
  const strh = chunk("strh", Buffer.from("vids"), motionJpeg, numbers(0, 0, 0, 1, RATE, 0, jpegs.length, 0, 0xffffffff, 0, 0, 0))
  const strf = chunk("strf", numbers(40, width, height), planes, motionJpeg, numbers(3 * width * height, 0, 0, 0, 0))
  const avih = chunk("avih", numbers(1e6 / RATE, 0, 0, 0, jpegs.length, 0, 1, 0, width, height, 0, 0, 0, 0))
  return chunk(
    "RIFF",
    Buffer.from("AVI "),
    chunk("LIST", Buffer.from("hdrl"), avih, chunk("LIST", Buffer.from("strl"), strh, strf)),
    chunk("LIST", Buffer.from("movi"), ...jpegs.map((jpeg) => chunk("00dc", jpeg)))
  )
}
