import { CodecContext, type Frame, Packet, Rational } from "node-av/lib"
import { closeSync, openSync, writeFileSync, writeSync } from "node:fs"
import type { SoundWant } from "../Chain.js"
import { muxerOf } from "../Encoding.js"
import * as Measure from "../Measure.js"
import type { Reading } from "../Outcome.js"
import type { AudioCopy } from "../Want.js"
import { pixelFormat } from "./Graph.js"
import { findEncoder, Output } from "./Output.js"
import { openSoundEncoder, type Sound } from "./SoundEncoder.js"
import { must, set } from "./Source.js"

/** What takes the frames that leave the filters of one want. */
export interface Branch {
  /** Filters between the want's chain and its end: what only an encoder or a reader needs. */
  readonly suffix: string
  readonly take: (frame: Frame) => void
  /** After the last frame. */
  readonly finish: () => Reading
  readonly abandon: () => void
}

/** The path of a `file:` address, or the path itself. */
const pathOf = (url: string): string => (url.startsWith("file:") ? url.slice(5) : url)

const written: Reading = { _tag: "File" }

const copy = (want: AudioCopy, sound: Sound, maxBytes: number): Branch => {
  const output = new Output(want.path, muxerOf(want.container), maxBytes)
  const { chain, context, place } = openSoundEncoder(output, want.codec, sound, want)
  output.start()
  const close = () => {
    output.close()
    context.freeContext()
  }
  return {
    suffix: chain,
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

/** Writes one picture: the encoder's one packet is the file. */
export const writePicture = (frame: Frame, format: "png" | "mjpeg", path: string): void => {
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
    writeFileSync(pathOf(path), packet.data ?? Buffer.alloc(0))
  } finally {
    packet.free()
    encoder.freeContext()
  }
}

const image = (path: string): Branch => ({
  suffix: "anull",
  take: (frame) => writePicture(frame, "png", path),
  finish: () => written,
  abandon: () => undefined
})

const samples = (path: string): Branch => {
  const file = openSync(pathOf(path), "w")
  return {
    suffix: "anull",
    take: (frame) => {
      const [data] = frame.data ?? []
      if (data !== undefined) writeSync(file, data, 0, frame.nbSamples * 4)
    },
    finish: () => {
      closeSync(file)
      return written
    },
    abandon: () => closeSync(file)
  }
}

/** Reads what filters left with the frames. */
const meter = (suffix: string, take: (value: (key: string) => number | undefined) => void, finish: () => Reading): Branch => ({
  suffix,
  take: (frame) => {
    const data = frame.getMetadata()
    take((key) => {
      const text = data.get(`lavfi.${key}`)
      return text === null ? undefined : text === "-inf" ? -Infinity : Number(text)
    })
    data.free()
  },
  finish,
  abandon: () => undefined
})

const loudness = (): Branch => {
  let integrated = -Infinity
  let range = 0
  let peak: number | undefined
  return meter(
    "anull",
    (value) => {
      integrated = value("r128.I") ?? integrated
      range = value("r128.LRA") ?? range
      for (let n = 0; n < 8; n++) {
        const channel = value(`r128.true_peaks_ch${n}`)
        if (channel === undefined) break
        peak = Math.max(peak ?? 0, channel)
      }
    },
    // The metadata has the peak as a factor.
    () => Measure.loudness(integrated, range, peak === undefined ? undefined : 20 * Math.log10(peak))
  )
}

const levels = (channels: number): Branch => {
  const latest: Array<Measure.ChannelLevel> = []
  let peak = -Infinity
  let rms = -Infinity
  return meter(
    "anull",
    (value) => {
      peak = value("astats.Overall.Peak_level") ?? peak
      rms = value("astats.Overall.RMS_level") ?? rms
      for (let n = 0; n < channels; n++)
        latest[n] = {
          peak: value(`astats.${n + 1}.Peak_level`) ?? -Infinity,
          flatness: value(`astats.${n + 1}.Flat_factor`) ?? 0,
          count: value(`astats.${n + 1}.Peak_count`) ?? 0
        }
    },
    () => Measure.levels(peak, rms, latest)
  )
}

const silences = (): Branch => {
  const starts: Array<number> = []
  const ends: Array<number> = []
  return meter(
    "anull",
    (value) => {
      const start = value("silence_start")
      const end = value("silence_end")
      if (start !== undefined) starts.push(start)
      if (end !== undefined) ends.push(end)
    },
    () => Measure.silences(starts, ends)
  )
}

const spectrum = (): Branch => {
  const windows: Array<Measure.Window> = []
  return meter(
    "anull",
    (value) =>
      void windows.push({
        mean: value("aspectralstats.1.mean") ?? 0,
        centroid: value("aspectralstats.1.centroid") ?? NaN,
        flatness: value("aspectralstats.1.flatness") ?? NaN
      }),
    () => Measure.spectrum(windows)
  )
}

/** What is done with the frames of a want's chain. */
export const branch = (want: SoundWant, sound: Sound, maxBytes: number): Branch => {
  switch (want._tag) {
    case "AudioCopy":
      return copy(want, sound, Math.min(want.maxBytes ?? maxBytes, maxBytes))
    case "WaveformImage":
      return image(want.path)
    case "Samples":
      return samples(want.path)
    case "Loudness":
      return loudness()
    case "Levels":
      return levels(sound.channels)
    case "Silences":
      return silences()
    case "Spectrum":
      return spectrum()
  }
}
