import { AV_CODEC_FLAG_GLOBAL_HEADER, AVERROR_EAGAIN, AVERROR_EOF, AVFMT_GLOBALHEADER } from "node-av/constants"
import { Codec, type CodecContext, FormatContext, type Frame, Packet, type Rational, type Stream as AvStream } from "node-av/lib"
import { encodersOf, type Encoder, type Muxer } from "../Encoding.js"
import { must, set, stop } from "./InputFile.js"

const encoders = new Map<string, Codec>()

/** An encoder of this build, with what it must be told. */
export const findEncoder = (codec: string): { readonly codec: Codec; readonly encoder: Encoder } => {
  if (encoders.size === 0) for (const one of Codec.getCodecList()) if (one.isEncoder()) encoders.set(one.name ?? "", one)
  for (const encoder of encodersOf(codec)) {
    const found = encoders.get(encoder.name)
    if (found !== undefined) return { codec: found, encoder }
  }
  return stop("CodecRefused", `this build of libav makes no ${codec}`)
}

/** A file being written: streams are added, then packets. */
export class OutputFile {
  readonly #context = new FormatContext()
  readonly #packet = new Packet()
  readonly #streams: Array<{ readonly stream: AvStream; readonly base: Rational }> = []

  /** @param maxBytes what the file must not pass */
  constructor(
    url: string,
    readonly muxer: Muxer,
    readonly maxBytes: number
  ) {
    must(this.#context.allocOutputContext2(null, muxer.name, url), "choosing the container")
    this.#packet.alloc()
  }

  /** Whether encoders must put their headers into the container. */
  prepare(encoder: CodecContext): void {
    if (this.#context.oformat?.hasFlags(AVFMT_GLOBALHEADER)) encoder.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER)
  }

  /** Adds a stream; the number is its place. */
  add(fill: (stream: AvStream) => void, base: Rational): number {
    const stream = this.#context.newStream()
    fill(stream)
    stream.timeBase = base
    return this.#streams.push({ stream, base }) - 1
  }

  start(): void {
    must(this.#context.openOutputSync(), "opening the output")
    // Without the writer's name the same input gives the same bytes.
    set(this.#context, { fflags: "+bitexact", ...this.muxer.options })
    if (this.#context.writeHeaderSync() < 0) stop("CodecRefused", `${this.muxer.name} doesn't take these codecs`)
  }

  write(packet: Packet, place: number): void {
    const target = this.#streams[place] ?? stop("EngineFailed", "no such stream")
    packet.streamIndex = target.stream.index
    packet.rescaleTs(target.base, target.stream.timeBase)
    must(this.#context.interleavedWriteFrameSync(packet), "writing")
    if (this.#context.pbBytes > BigInt(this.maxBytes)) stop("TooLarge", `the output passed ${this.maxBytes} bytes`)
  }

  /**
   * Encodes a frame (`null`: the end) and writes what the encoder gives.
   *
   * @param lasts what a packet that begins at this time lasts where it doesn't say so, in the encoder's time base
   */
  encode(encoder: CodecContext, frame: Frame | null, place: number, lasts: (at: bigint) => bigint = () => 0n): void {
    must(encoder.sendFrameSync(frame), "encoding")
    for (;;) {
      const got = encoder.receivePacketSync(this.#packet)
      if (got === AVERROR_EAGAIN || got === AVERROR_EOF) return
      must(got, "encoding")
      if (this.#packet.duration === 0n) this.#packet.duration = lasts(this.#packet.pts)
      this.write(this.#packet, place)
      this.#packet.unref()
    }
  }

  finish(): void {
    must(this.#context.writeTrailerSync(), "writing the end")
  }

  close(): void {
    this.#context.closeOutputSync()
    this.#context.freeContext()
    this.#packet.free()
  }
}
