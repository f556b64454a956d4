import { at, type ReadBytes } from "./FileBytes.js"

/** A chunk of a file, where its contents begin. */
export interface Chunk {
  readonly id: string
  readonly at: number
  /** Of its contents, as its head says. */
  readonly bytes: bigint
}

/** How a container lays out its chunks. */
export interface ChunkLayout {
  readonly container: "aiff" | "wav" | "w64"
  /** Where the first chunk begins. */
  readonly first: number
  readonly next: (read: ReadBytes, position: number) => Chunk | undefined
  /** Of a size. */
  readonly bits: 32 | 64
}

/** Chunks that are looked at. */
const MOST = 64

/** Chunks with a name of four letters and a size in 32 bits. */
const short =
  (order: "BE" | "LE") =>
  (read: ReadBytes, position: number): Chunk | undefined => {
    const head = read(8, position)
    if (head.length < 8) return undefined
    const bytes = BigInt(order === "BE" ? head.readUInt32BE(4) : head.readUInt32LE(4))
    return { id: head.toString("latin1", 0, 4), at: position + 8, bytes }
  }

/** Chunks of a Wave64, whose sizes count their own heads of 24 bytes. */
const long = (read: ReadBytes, position: number): Chunk | undefined => {
  const head = read(24, position)
  return head.length < 24
    ? undefined
    : { id: head.toString("latin1", 0, 4), at: position + 24, bytes: BigInt.asUintN(64, head.readBigUInt64LE(16) - 24n) }
}

/** The layout of an AIFF, of a WAV (RIFF, RF64, BW64) or of a Wave64. */
export const layoutOf = (head: Buffer): ChunkLayout | undefined => {
  if (at(head, 0, "FORM") && at(head, 8, "AIF")) return { container: "aiff", first: 12, next: short("BE"), bits: 32 }
  if (["RIFF", "RF64", "BW64"].some((mark) => at(head, 0, mark)) && at(head, 8, "WAVE"))
    return { container: "wav", first: 12, next: short("LE"), bits: 32 }
  if (at(head, 0, "riff") && at(head, 24, "wave")) return { container: "w64", first: 40, next: long, bits: 64 }
  return undefined
}

/** The length that a RF64's own chunk of sizes tells of its samples. */
const inDs64 = (read: ReadBytes, { at, id }: Chunk): bigint | undefined => {
  const bytes = id === "ds64" ? read(16, at) : Buffer.alloc(0)
  return bytes.length === 16 ? bytes.readBigUInt64LE(8) : undefined
}

/** What a size says that stands in another place, or nowhere. */
export const ELSEWHERE = 0xffff_ffffn

/** A file's chunks in their order, as far as they go; with each what a RF64 has told until then of the length of its samples. */
export function* chunks(
  read: ReadBytes,
  { bits, first, next }: ChunkLayout,
  size: number
): Generator<Chunk & { readonly told: bigint | undefined }> {
  let told: bigint | undefined
  let position = first
  for (let n = 0; n < MOST; n++) {
    const chunk = next(read, position)
    if (chunk === undefined) return
    told ??= inDs64(read, chunk)
    yield { ...chunk, told }
    const bytes = chunk.id === "data" && chunk.bytes === ELSEWHERE ? (told ?? chunk.bytes) : chunk.bytes
    const padding = bits === 64 ? (8n - (bytes % 8n)) % 8n : bytes % 2n
    const end = BigInt(chunk.at) + bytes + padding
    if (end >= BigInt(size)) return
    position = Number(end)
  }
}
