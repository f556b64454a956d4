import type { SoundEncoding } from "./RequestHandler.js"
import type { VideoCopy } from "./requests/videoCopy.js"

/** How a codec is made: the encoders that can, the best first, with what each needs to be told. */
export interface Encoder {
  readonly name: string
  readonly options?: Readonly<Record<string, string>>
}

const encoders: Readonly<Record<string, ReadonlyArray<Encoder>>> = {
  mp3: [{ name: "libmp3lame" }, { name: "libshine" }],
  aac: [{ name: "aac" }, { name: "libfdk_aac" }],
  opus: [{ name: "libopus" }, { name: "opus", options: { strict: "-2" } }],
  vorbis: [{ name: "libvorbis" }, { name: "vorbis", options: { strict: "-2" } }],
  amr_nb: [{ name: "libopencore_amrnb" }],
  amr_wb: [{ name: "libvo_amrwbenc" }],
  h264: [{ name: "libx264", options: { preset: "veryfast" } }, { name: "libopenh264" }],
  vp9: [{ name: "libvpx-vp9", options: { deadline: "good", "cpu-used": "5", "row-mt": "1" } }],
  png: [{ name: "png" }],
  mjpeg: [{ name: "mjpeg" }]
}

/** The encoders of a codec; a codec that isn't listed is its own (`flac`, `pcm_s16le`). */
export const encodersOf = (codec: string): ReadonlyArray<Encoder> => encoders[codec] ?? [{ name: codec }]

/** FFmpeg's muxer for a container, with what it needs to be told. */
export interface Muxer {
  readonly name: string
  readonly options?: Readonly<Record<string, string>>
}

const muxers: Readonly<Record<SoundEncoding["container"] | VideoCopy["container"], Muxer>> = {
  mp3: { name: "mp3" },
  wav: { name: "wav" },
  flac: { name: "flac" },
  m4a: { name: "ipod", options: { movflags: "+faststart" } },
  aac: { name: "adts" },
  ogg: { name: "ogg" },
  opus: { name: "opus" },
  amr: { name: "amr" },
  mp4: { name: "mp4", options: { movflags: "+faststart" } },
  webm: { name: "webm" },
  mkv: { name: "matroska" }
}
export const muxerOf = (container: keyof typeof muxers): Muxer => muxers[container]

/** FFmpeg's names of the usual layouts of 1 to 8 channels. */
const layouts = ["mono", "stereo", "2.1", "4.0", "5.0", "5.1", "6.1", "7.1"]
export const layoutOf = (channels: number): string => layouts[channels - 1] ?? `${channels} channels`
