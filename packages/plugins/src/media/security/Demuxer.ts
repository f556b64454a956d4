import { at } from "./FileBytes.js"

/** FFmpeg's names of readers, by the mark with which a file begins, and the byte at which it stands. */
const marks: ReadonlyArray<readonly [demuxer: string, ...marks: ReadonlyArray<readonly [at: number, mark: string]>]> = [
  ...["RIFF", "RIFX", "RF64", "BW64"].map((mark) => ["wav", [0, mark], [8, "WAVE"]] as const),
  ["avi", [0, "RIFF"], [8, "AVI "]],
  ["w64", [0, "riff"], [24, "wave"]],
  ["aiff", [0, "FORM"], [8, "AIFF"]],
  ["aiff", [0, "FORM"], [8, "AIFC"]],
  ["au", [0, ".snd"]],
  ["caf", [0, "caff"]],
  ["flac", [0, "fLaC"]],
  ["ogg", [0, "OggS"]],
  ["mov", [4, "ftyp"]],
  ["matroska", [0, "\x1a\x45\xdf\xa3"]],
  ["asf", [0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11"]],
  ["flv", [0, "FLV\x01"]],
  ["wv", [0, "wvpk"]],
  ["tta", [0, "TTA1"]],
  ["voc", [0, "Creative Voice File"]],
  ["dsf", [0, "DSD "]]
]

/**
 * FFmpeg's name of the reader of a file whose first bytes name its container. It is told, because libav also goes by what the samples look
 * like: a tone whose period is that of a transport stream's packets makes it take a WAV for one.
 */
export const demuxerOf = (head: Buffer): string | undefined =>
  marks.find(([, ...all]) => all.every(([offset, mark]) => at(head, offset, mark)))?.[0]

const marked = new Set(marks.map(([demuxer]) => demuxer))

/** The reader that a container is opened with; `undefined` where libav may look, because the container has no mark. */
export const readerOf = (container: string): string | undefined => (marked.has(container) ? container : undefined)
