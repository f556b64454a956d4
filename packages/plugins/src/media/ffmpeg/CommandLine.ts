import { type DecodePass, passes } from "../DecodePass.js"
import type { Inspection } from "../Inspection.js"
import type { InputJob } from "../InputJob.js"
import { readerOf } from "../security/Demuxer.js"
import {
  decoders,
  lateStreamOptions,
  maxBlock,
  maxPixels,
  onlyPart,
  partOf,
  rawDemuxer,
  rawOptions,
  showsStreamsLate,
  sourceOptions
} from "../security/Whitelist.js"
import { isMistaken } from "../Streams.js"
import { releaseOf } from "./pictureTimes.js"
import { type Building, isLate, type Output, passOutputs, type Words, words } from "./passOutputs.js"

/** One process of ffmpeg, as its words: arguments, never a shell's text. */
export interface CommandLine {
  readonly inputs: ReadonlyArray<{ readonly options: Words; readonly url: string }>
  readonly graphs: Words
  readonly outputs: ReadonlyArray<Output>
  /** The job that each input belongs to. */
  readonly owners: ReadonlyArray<number>
}

/** Seconds before the end from which a last picture is looked for. */
const BEFORE = 5

/** The stretch that is read. What a header says of the length may be wrong by some; a bomb's is cut. */
const reading = (pass: DecodePass, { durationSeconds: duration, leadSeconds: lead = 0 }: Inspection): Words => {
  const whole = duration * 3 + 60
  // ffmpeg counts from the first packet.
  const from = (start: number, seconds: number): Words => {
    const before = Math.max(0, lead - start)
    return words({
      ...(start > lead ? { ss: start - lead } : {}),
      ...(before > 0 ? { itsoffset: before } : {}),
      t: Math.max(0.001, seconds - before)
    })
  }
  switch (pass._tag) {
    case "SoundPass":
      return from(pass.origin, pass.seconds ?? whole)
    case "VideoPass": {
      const { cut } = pass.request
      return cut === undefined ? words({ t: whole }) : from(cut.startSeconds, cut.durationSeconds)
    }
    case "PicturesPass": {
      const { cut } = pass.handler.request
      return from(cut?.startSeconds ?? 0, cut?.durationSeconds ?? whole)
    }
    case "PacketsPass":
      return []
    case "FramePass":
      return words({ ss: Math.max(0, (isLate(pass, duration) ? pass.at - BEFORE : pass.at) - lead) })
  }
}

/**
 * Has ffmpeg read its inputs without a thread for each, which takes a tenth of a pack's processor time. Only version 5 knows how: those
 * after it always have threads, and some before it would wait for ever.
 */
const withoutThreads = ({ version }: Building): Words => (/^n?5\./.test(version) ? words({ thread_queue_size: 0 }) : [])

/** Containers whose samples libav takes for another codec where enough of them look so. */
const doubted = new Set(["wav", "w64"])

/** Since when ffmpeg knows how few packets it may doubt. */
const DOUBTS = 4.3

/**
 * Has ffmpeg take samples for what their header and the prober say: to look at up to 2,500 packets takes 5 ms a WAV, more than decoding a
 * short one. DTS shows only so.
 */
const withoutDoubt = ({ container, streams }: Inspection, { version }: Building): Words =>
  doubted.has(container) && releaseOf(version) >= DOUBTS && streams.every(({ codec }) => codec !== "dts")
    ? words({ max_probe_packets: 1 })
    : []

/** Pixels of a picture that is decoded as soon as it is handed to another thread: 640 x 480. */
const SMALL = 307_200

/** Sound, and small pictures of a video, take a third more of the processors with threads. */
const threadsPay = (pass: DecodePass, { streams }: Inspection): boolean =>
  pass._tag !== "SoundPass" &&
  (pass._tag !== "PicturesPass" || streams.some(({ height = 0, type, width = 0 }) => type === "video" && width * height > SMALL))

/** Has ffmpeg guess no places of channels that the file says none of: it takes one of six for a low-frequency channel. */
const withoutGuess = (pass: DecodePass): Words => {
  const stream = pass._tag === "SoundPass" ? pass.stream : pass._tag === "VideoPass" ? pass.sound : undefined
  return stream?.isUnplaced === true ? words({ guess_layout_max: 2 }) : []
}

/** Everything asked of the inputs in one process. */
export const commandLine = (jobs: ReadonlyArray<InputJob>, building: Building): CommandLine => {
  const opened = jobs.flatMap((job, number) => passes(job).map((pass) => ({ job, number, pass })))
  const made = opened.map(({ job, number, pass }, input) =>
    passOutputs(pass, { building, duration: job.inspection.durationSeconds, input, job: number })
  )
  const first = [
    ...["-hide_banner", "-nostdin", "-y", building.alone ? "-stats" : "-nostats"],
    ...words({ v: "info", max_alloc: maxBlock }),
    ...(building.alone ? [] : words({ filter_complex_threads: 1 }))
  ]
  return {
    owners: opened.map(({ number }) => number),
    inputs: opened.map(({ job, pass }, input) => {
      const { parts, raw } = job.inspection
      const part = raw ?? onlyPart(parts)
      const reader = readerOf(job.inspection.container)
      return {
        url: part === undefined ? job.url : partOf(job.url, part),
        options: [
          ...(input === 0 ? first : []),
          ...withoutThreads(building),
          ...withoutDoubt(job.inspection, building),
          ...withoutGuess(pass),
          // Each packet of a copied stream needs a time; an AVI tells none.
          ...(pass._tag === "VideoPass" && [pass.request.videoCodec, pass.request.audioCodec].includes("copy")
            ? words({ fflags: "+genpts" })
            : []),
          // Those of the other streams too: where the file begins is known once each of them is.
          ...(showsStreamsLate(job.inspection.container) ? words(lateStreamOptions(job.inspection.container)) : []),
          ...words({
            ...sourceOptions(part),
            ...(reader === undefined ? {} : { f: reader }),
            ...(raw === undefined ? {} : { ...rawOptions(raw), f: rawDemuxer(raw), ar: raw.sampleRate, ac: raw.channels }),
            codec_whitelist: decoders(...job.inspection.streams.map(({ codec }) => codec)),
            max_pixels: maxPixels
          }),
          // The decoder is named where ffmpeg would take another.
          ...(pass._tag === "SoundPass" && job.inspection.container === "wav" && isMistaken(pass.stream)
            ? [`-c:${pass.stream.index}`, pass.stream.codec]
            : []),
          ...(threadsPay(pass, job.inspection) ? [] : ["-threads", "1"]),
          ...reading(pass, job.inspection)
        ]
      }
    }),
    graphs: made.flatMap(({ graphs }) => graphs),
    outputs: made.flatMap(({ outputs }) => outputs)
  }
}
