import { AV_CHANNEL_ORDER_NATIVE, AV_CHANNEL_ORDER_UNSPEC, AV_CODEC_FLAG_BITEXACT, type AVSampleFormat } from "node-av/constants"
import {
  avChannelLayoutDefault,
  avGetPackedSampleFmt,
  avGetPlanarSampleFmt,
  avGetSampleFmtFromName,
  avGetSampleFmtName,
  type ChannelLayout,
  type Codec,
  CodecContext,
  Rational
} from "node-av/lib"
import { layoutsOf, limitsOf, maskOf, rateOf, unplacedLayout } from "../CodecLimits.js"
import { layoutName } from "./FilterRun.js"
import { must, set, stop } from "./InputFile.js"
import { findEncoder, type OutputFile } from "./OutputFile.js"

/** The sound that is to be encoded. */
export interface Sound {
  readonly sampleRate: number
  readonly channels: number
  readonly format: AVSampleFormat
  /** Where its channels stand. */
  readonly channelLayout: ChannelLayout
  /** Whether they stand where libav's own mix has no place for them, or nowhere that the file says. */
  readonly isUnplaced?: boolean | undefined
}

/** The encoder's sample format that loses least: the same, then the same in another order, then the widest that is usual. */
const formatFor = (codec: Codec, own: AVSampleFormat): AVSampleFormat => {
  const offered = codec.sampleFormats ?? [own]
  const usual = ["fltp", "flt", "s32p", "s32", "s16p", "s16"].map(avGetSampleFmtFromName)
  const same = [own, avGetPackedSampleFmt(own), avGetPlanarSampleFmt(own)]
  return [...same, ...usual].find((one) => offered.includes(one)) ?? own
}

/** The encoder's rate that is nearest from above, or its highest. */
const rateFor = (codec: Codec, rate: number): number => {
  const offered = [...(codec.supportedSamplerates ?? [rate])].sort((a, b) => a - b)
  return offered.find((one) => one >= rate) ?? offered.at(-1) ?? rate
}

/** Where the channels of a copy stand: where they stood, if the codec has such places. */
const layoutFor = (name: string, { channelLayout, channels, isUnplaced = false }: Sound): ChannelLayout => {
  const layouts = layoutsOf(name, channels)
  // Another order has no mask: what is read in its place is an address.
  const isPlaced = channelLayout.order === AV_CHANNEL_ORDER_NATIVE && channelLayout.mask !== 0n
  if (isUnplaced && !isPlaced && layouts === undefined) return { nbChannels: channels, order: AV_CHANNEL_ORDER_UNSPEC, mask: 0n }
  const own = isPlaced ? channelLayout : avChannelLayoutDefault(channels)
  const usual = isUnplaced ? unplacedLayout(name, channels) : layouts?.[0]
  const isKept = !isUnplaced && layouts?.some((layout) => maskOf(layout) === own.mask) === true
  if (usual === undefined || isKept) return own
  const mask = maskOf(usual)
  const nbChannels = Math.min(channels, limitsOf(name).channels)
  return mask === undefined ? avChannelLayoutDefault(nbChannels) : { nbChannels, order: AV_CHANNEL_ORDER_NATIVE, mask }
}

const channelsFor = (codec: Codec, channels: number): number => {
  const offered = (codec.channelLayouts ?? []).map(({ nbChannels }) => nbChannels)
  return offered.length === 0 || offered.includes(channels) ? channels : Math.max(1, ...offered.filter((one) => one <= channels))
}

export interface SoundEncoder {
  readonly context: CodecContext
  /** The stream's place in the output. */
  readonly place: number
  /** Filters that bring sound into the encoder's own shape and frames. */
  readonly filters: string
}

/** Opens an encoder for a stream of an output. */
export const openSoundEncoder = (
  output: OutputFile,
  name: string,
  sound: Sound,
  encoding: {
    readonly sampleRate?: number | undefined
    readonly channels?: number | undefined
    readonly bitRate?: number | undefined
  }
): SoundEncoder => {
  const { codec, encoder } = findEncoder(name)
  const context = new CodecContext()
  context.allocContext3(codec)
  context.sampleRate = rateFor(codec, encoding.sampleRate ?? rateOf(name, sound.sampleRate))
  const isWhole = encoding.channels === undefined || (sound.isUnplaced === true && encoding.channels === sound.channels)
  context.channelLayout = isWhole
    ? layoutFor(name, sound)
    : avChannelLayoutDefault(channelsFor(codec, encoding.channels ?? sound.channels))
  context.sampleFormat = formatFor(codec, sound.format)
  context.timeBase = new Rational(1, context.sampleRate)
  context.threadCount = 1
  context.setFlags(AV_CODEC_FLAG_BITEXACT)
  if (encoding.bitRate !== undefined) context.bitRate = BigInt(encoding.bitRate)
  output.prepare(context)
  const { channels, sampleFormat, sampleRate } = context
  set(context, encoder.options ?? {})
  if (context.open2Sync(codec) < 0) stop("CodecRefused", `${encoder.name} takes no ${sampleRate} Hz with ${channels} channels`)
  const place = output.add((stream) => must(stream.codecpar.fromContext(context), "describing the stream"), context.timeBase)
  const frames = context.frameSize > 0 ? `,asetnsamples=n=${context.frameSize}:p=0` : ""
  return {
    context,
    place,
    filters: `aformat=sample_fmts=${avGetSampleFmtName(sampleFormat)}:sample_rates=${sampleRate}:channel_layouts=${layoutName(context, context.channelLayout.order === AV_CHANNEL_ORDER_UNSPEC)}${frames}`
  }
}
