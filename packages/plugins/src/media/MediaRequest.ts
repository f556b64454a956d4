import type { ResultOf, SoundHandler } from "./RequestHandler.js"
import { audioCopy } from "./requests/audioCopy.js"
import { bands } from "./requests/bands.js"
import { downmix } from "./requests/downmix.js"
import { fingerprint } from "./requests/fingerprint.js"
import { frame, type FrameHandler } from "./requests/frame.js"
import { levels } from "./requests/levels.js"
import { loudness } from "./requests/loudness.js"
import { music } from "./requests/music.js"
import { packetHash, type PacketsHandler } from "./requests/packetHash.js"
import type { PicturesHandler } from "./requests/pictures.js"
import { quality } from "./requests/quality.js"
import { samples } from "./requests/samples.js"
import { scenes } from "./requests/scenes.js"
import { silences } from "./requests/silences.js"
import { spectrum } from "./requests/spectrum.js"
import { stills } from "./requests/stills.js"
import { timbre } from "./requests/timbre.js"
import { videoCopy, type VideoHandler } from "./requests/videoCopy.js"
import { waveformImage } from "./requests/waveform.js"
import type { Track } from "./Streams.js"

/** Everything that may be asked of an input: a line and a file each. */
const handlers = {
  AudioCopy: audioCopy,
  VideoCopy: videoCopy,
  Frame: frame,
  Stills: stills,
  Scenes: scenes,
  WaveformImage: waveformImage,
  Samples: samples,
  Loudness: loudness,
  Levels: levels,
  Silences: silences,
  Spectrum: spectrum,
  Music: music,
  Quality: quality,
  Timbre: timbre,
  Fingerprint: fingerprint,
  PacketHash: packetHash,
  Downmix: downmix,
  Bands: bands
}
type Handlers = typeof handlers
type Tag = keyof Handlers

/** Carries out one request. */
export type RequestHandler =
  SoundHandler<AnyMediaResult> | VideoHandler | FrameHandler | PicturesHandler<AnyMediaResult> | PacketsHandler<AnyMediaResult>

type Requests = { readonly [T in Tag]: Parameters<Handlers[T]>[0] }
type Results = {
  readonly [T in Tag]: ReturnType<Handlers[T]> extends { readonly answer: ResultOf<infer Result> } ? Result : never
}

/** What may be asked of an input. Everything asked of one input at the same time shares one decode. */
export type MediaRequest = Requests[Tag]

/** The result of a request, by its tag. */
export type MediaResult<R extends MediaRequest> = Results[R["_tag"]]

/** Any request's result. */
export type AnyMediaResult = Results[Tag]

/** A request whose result is a file. */
export type FileRequest = Extract<MediaRequest, { readonly path: string }>

export const isFileRequest = (request: MediaRequest): request is FileRequest => "path" in request

/** The track that a request listens to. */
export const trackOf = (request: MediaRequest): Track | undefined => ("track" in request ? request.track : undefined)

const table: { readonly [T in Tag]: (request: Requests[T]) => RequestHandler } = handlers

/** How a request is carried out. */
export const handlerOf = <T extends Tag>(request: Requests[T] & { readonly _tag: T }): RequestHandler =>
  table[request._tag](request)
