import * as FrameChain from "../../media/security/FrameChain.js"

const ascii = (head: Uint8Array, start: number, end: number): string => Buffer.from(head.subarray(start, end)).toString("latin1")

/** Containers that the `file-type` package doesn't know. Offset, letters, type. */
const signatures: ReadonlyArray<readonly [number, string, string]> = [
  [0, ".snd", "audio/basic"],
  [0, "RF64", "audio/wav"],
  [0, "BW64", "audio/wav"],
  [0, "riff\x2e\x91\xcf\x11", "audio/x-w64"],
  [0, "caff", "audio/x-caf"],
  [0, "TTA1", "audio/x-tta"],
  [0, "tBaK", "audio/x-tak"],
  [0, "NIST_1A", "audio/x-nist"],
  [0, "\x7f\xfe\x80\x01", "audio/vnd.dts"],
  [0, "\xfe\x7f\x01\x80", "audio/vnd.dts"],
  [0, "\x1f\xff\xe8\0", "audio/vnd.dts"],
  [0, "\xff\x1f\0\xe8", "audio/vnd.dts"],
  [4, "\xf8\x72\x6f\xba", "audio/vnd.dolby.mlp"],
  [4, "\xf8\x72\x6f\xbb", "audio/vnd.dolby.mlp"],
  [0, "#!AMR", "audio/amr"],
  [0, "DKIF", "video/x-ivf"],
  [0, "YUV4MPEG2", "video/x-yuv4mpeg"],
  [0, "NUT/multimedia container\0", "video/x-nut"],
  [0, "\x00\x00\x01\xba", "video/mpeg"],
  [0, "\x00\x00\x01\xb3", "video/mpeg"],
  [8, "8SVX", "audio/x-8svx"],
  [4, "moov", "video/quicktime"]
]

/** Names that differ from the registered or the usual one. */
const usual: Readonly<Record<string, string>> = {
  "audio/x-m4a": "audio/mp4",
  "video/x-m4v": "video/mp4",
  "audio/vnd.dolby.dd-raw": "audio/ac3",
  "audio/ogg; codecs=opus": "audio/ogg",
  "video/MP1S": "video/mpeg",
  "video/MP2P": "video/mpeg",
  "audio/x-ms-asf": "audio/x-ms-wma",
  "video/x-ms-asf": "video/x-ms-wmv"
}

/** Containers of either that say no more. */
const wrappers = new Set(["application/ogg", "application/mxf"])

/** Notes and patterns, to be played by an instrument: there is no sound in the file. */
const scores = new Set(["audio/midi", "audio/x-it", "audio/x-s3m", "audio/x-xm"])

/** AAC in LOAS (ISO 14496-3): a second frame stands where the first one says. */
const isLoas = (head: Uint8Array): boolean => {
  const marked = (at: number) => head[at] === 0x56 && ((head[at + 1] ?? 0) & 0xe0) === 0xe0
  return marked(0) && marked(3 + ((((head[1] ?? 0) & 0x1f) << 8) | (head[2] ?? 0)))
}

/**
 * What the content is: a media type (IANA) of sound or moving pictures, or another type, or `undefined` when nobody knows.
 * The container decides: an MP4 with sound alone may say `video/mp4`.
 */
export const find = async (head: Buffer): Promise<string | undefined> => {
  const own = signatures.find(([offset, letters]) => ascii(head, offset, offset + letters.length) === letters)
  if (own !== undefined) return own[2]
  // Imported when the first file comes: it is large, and most commands never need it.
  const { fileTypeFromBuffer } = await import("file-type")
  const found = (await fileTypeFromBuffer(head))?.mime
  if (found !== undefined) return usual[found] ?? found
  if (isLoas(head)) return "audio/mp4a-latm"
  return FrameChain.mediaType(head)
}

/** Whether a file of this type has sound or moving pictures in it. */
export const isMedia = (type: string): boolean => (/^(audio|video)\//.test(type) || wrappers.has(type)) && !scores.has(type)
