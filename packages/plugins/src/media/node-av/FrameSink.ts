import { CodecContext, type Frame, Packet, Rational } from "node-av/lib"
import { closeSync, openSync, writeFileSync } from "node:fs"
import { muxerOf } from "../Encoding.js"
import type { RequestOutcome } from "../JobOutcome.js"
import type { SoundEncoding, WrittenEnd } from "../RequestHandler.js"
import { pixelFormat } from "./FilterRun.js"
import { must, set } from "./InputFile.js"
import { findEncoder, OutputFile } from "./OutputFile.js"
import { openSoundEncoder, type Sound } from "./SoundEncoder.js"

/** What takes the frames that leave the filters of one request. */
export interface FrameSink {
  /** Filters between the request's own and its end: what only an encoder needs. */
  readonly suffix: string
  readonly take: (frame: Frame) => void
  /** After the last frame. */
  readonly finish: () => RequestOutcome
  readonly abandon: () => void
}

/** The path of a `file:` address, or the path itself. */
export const pathOf = (url: string): string => (url.startsWith("file:") ? url.slice(5) : url)

const written: RequestOutcome = { _tag: "File" }

const encoder = (encoding: SoundEncoding, sound: Sound, ceiling: number): FrameSink => {
  const maxBytes = Math.min(encoding.maxBytes ?? ceiling, ceiling)
  const output = new OutputFile(encoding.path, muxerOf(encoding.container), maxBytes)
  const { context, filters, place } = openSoundEncoder(output, encoding.codec, sound, encoding)
  output.start()
  const close = () => {
    output.close()
    context.freeContext()
  }
  return {
    suffix: `,${filters}`,
    take: (frame) => output.encode(context, frame, place),
    finish: () => {
      output.encode(context, null, place)
      output.finish()
      close()
      return written
    },
    abandon: close
  }
}

/** One picture as a file's bytes: the encoder's one packet. */
export const encodePicture = (frame: Frame, format: "png" | "mjpeg"): Buffer => {
  const { codec } = findEncoder(format)
  const encoder = new CodecContext()
  encoder.allocContext3(codec)
  encoder.width = frame.width
  encoder.height = frame.height
  encoder.pixelFormat = pixelFormat(frame.format)
  encoder.timeBase = new Rational(1, 25)
  encoder.threadCount = 1
  const packet = new Packet()
  packet.alloc()
  try {
    set(encoder, { strict: -1 })
    must(encoder.open2Sync(codec), "opening the picture's encoder")
    must(encoder.sendFrameSync(frame), "encoding the picture")
    must(encoder.sendFrameSync(null), "encoding the picture")
    must(encoder.receivePacketSync(packet), "encoding the picture")
    // Copied: the packet's own bytes go with it.
    return Buffer.from(packet.data ?? Buffer.alloc(0))
  } finally {
    packet.free()
    encoder.freeContext()
  }
}

/** Writes one picture. */
export const writePicture = (frame: Frame, format: "png" | "mjpeg", path: string): void =>
  writeFileSync(pathOf(path), encodePicture(frame, format))

const rawSamples = (path: string): FrameSink => {
  const file = openSync(pathOf(path), "w")
  return {
    suffix: "",
    take: (frame) => {
      const [data] = frame.data ?? []
      // A single write may end short on a disk that gets full.
      if (data !== undefined) writeFileSync(file, data.subarray(0, frame.nbSamples * 4))
    },
    finish: () => {
      closeSync(file)
      return written
    },
    abandon: () => closeSync(file)
  }
}

/** What is done with the frames of a request. */
export const frameSink = (end: WrittenEnd, sound: Sound, maxBytes: number): FrameSink => {
  switch (end._tag) {
    case "EncodedSound":
      return encoder(end.encoding, sound, maxBytes)
    case "RawSamples":
      return rawSamples(end.path)
  }
}
