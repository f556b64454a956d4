import { AV_BUFFERSRC_FLAG_PUSH, AVERROR_EOF, type AVPixelFormat, type AVSampleFormat } from "node-av/constants"
import {
  avChannelLayoutDescribe,
  avGetPixFmtName,
  avGetSampleFmtName,
  type CodecContext,
  FilterGraph,
  Frame,
  type FilterContext,
  type Rational,
  type Stream as AvStream
} from "node-av/lib"
import { PLACED } from "../Streams.js"
import { must, stop } from "./InputFile.js"

/** The number of a sample or pixel format: libav's types don't tell which a frame carries, the kind of its stream does. */
export const sampleFormat = (format: AVSampleFormat | AVPixelFormat): AVSampleFormat => format as AVSampleFormat
export const pixelFormat = (format: AVSampleFormat | AVPixelFormat): AVPixelFormat => format as AVPixelFormat

/** Hz in which the times of pictures count. */
export const PICTURE_CLOCK = 90_000

/** What both a frame and a decoder say of the sound. */
type SoundShape = Readonly<Pick<CodecContext, "sampleRate" | "channelLayout" | "channels">>

/** What FFmpeg calls a layout. */
export const layoutName = ({ channelLayout, channels }: SoundShape, isUnplaced = channels > PLACED): string => {
  const name = avChannelLayoutDescribe(channelLayout) ?? ""
  // Places that make no usual layout are named one by one: "2 channels (BL+BR)".
  const places = / channels \((.+)\)$/.exec(name)?.[1]
  if (places !== undefined) return places
  // A file may say how many channels it has, but not which.
  // In lower case it is libav's usual layout.
  return name === "" || name.includes(" ") ? `${channels}${isUnplaced ? "C" : "c"}` : name
}

/**
 * The filter that frames of this sound enter by; equal texts mean equal shapes.
 *
 * @param clock Hz in which their times count
 * @param isUnplaced whether channels that the file says no places of have none; else libav's usual ones, up to eight
 */
export const soundSource = (
  shape: SoundShape,
  format: AVSampleFormat,
  clock: number = shape.sampleRate,
  isUnplaced?: boolean
): string =>
  `abuffer@in=time_base=1/${clock}:sample_rate=${shape.sampleRate}` +
  `:sample_fmt=${avGetSampleFmtName(format)}:channel_layout=${layoutName(shape, isUnplaced)}`

/** Filters that turn any sound into this. */
export const soundFormat = (shape: SoundShape, format: AVSampleFormat): string =>
  `aformat=sample_rates=${shape.sampleRate}:sample_fmts=${avGetSampleFmtName(format)}:channel_layouts=${layoutName(shape)}`

/** How wide a pixel is: as the container says, else as the codec does. */
export const pixelAspect = (
  { sampleAspectRatio }: Pick<AvStream, "sampleAspectRatio">,
  picture: Pick<CodecContext, "sampleAspectRatio">
): Rational => (sampleAspectRatio.num > 0 ? sampleAspectRatio : picture.sampleAspectRatio)

type PictureShape = Readonly<Pick<CodecContext, "width" | "height" | "sampleAspectRatio" | "colorSpace" | "colorRange">>

/** The filter that frames of this picture enter by; equal texts mean equal shapes. */
export const pictureSource = (shape: PictureShape, format: AVPixelFormat): string => {
  const { den, num } = shape.sampleAspectRatio
  return (
    `buffer@in=video_size=${shape.width}x${shape.height}:pix_fmt=${avGetPixFmtName(format) ?? "yuv420p"}` +
    `:time_base=1/${PICTURE_CLOCK}:pixel_aspect=${num > 0 && den > 0 ? `${num}/${den}` : "1/1"}` +
    `:colorspace=${shape.colorSpace}:range=${shape.colorRange}`
  )
}

/** Filters, ready for frames. */
export const configured = (description: string): FilterGraph => {
  const graph = new FilterGraph()
  graph.alloc()
  graph.nbThreads = 1
  must(graph.parse2(description), "making the filters")
  must(graph.configSync(), "making the filters")
  return graph
}

export const find = (graph: FilterGraph, name: string): FilterContext =>
  graph.getFilter(name) ?? stop("EngineFailed", `the filter ${name} is missing`)

/** One chain of filters from a frame's own shape to a fixed one: made again where the shape changes on the way. */
export class FilterRun {
  #source = ""
  #graph: FilterGraph | undefined
  readonly #out = new Frame()

  constructor(
    readonly filters: string,
    readonly kind: "sound" | "picture"
  ) {
    this.#out.alloc()
  }

  /** Makes the filters for a shape; gives the end, which knows what comes out. */
  open(source: string): FilterContext {
    const sink = this.kind === "sound" ? "abuffersink@out" : "buffersink@out"
    if (source !== this.#source) {
      this.#graph?.free()
      this.#graph = configured(`${source},${this.filters},${sink}`)
      this.#source = source
    }
    return find(this.#graph ?? stop("EngineFailed", "no filters"), sink)
  }

  /** One frame in, and what comes out to `each`; first, where its shape is another, what the filters still hold. */
  push(source: string, frame: Frame, each: (frame: Frame) => void): void {
    if (source !== this.#source) this.end(each)
    this.#pass(this.open(source), frame, each)
  }

  /** What the filters still hold. They can't be used again before the next frame of another shape. */
  end(each: (frame: Frame) => void): void {
    if (this.#graph === undefined) return
    this.#pass(this.open(this.#source), null, each)
    this.#graph.free()
    this.#graph = undefined
    this.#source = ""
  }

  #pass(sink: FilterContext, frame: Frame | null, each: (frame: Frame) => void): void {
    const input = find(this.#graph ?? stop("EngineFailed", "no filters"), this.kind === "sound" ? "abuffer@in" : "buffer@in")
    const entered = input.buffersrcAddFrameSync(frame, AV_BUFFERSRC_FLAG_PUSH)
    if (entered !== AVERROR_EOF) must(entered, "filtering")
    while (sink.buffersinkGetFrameSync(this.#out) >= 0) {
      each(this.#out)
      this.#out.unref()
    }
  }

  close(): void {
    this.#out.free()
    this.#graph?.free()
  }
}
