import { heardLayout, limitsOf, unplacedLayout } from "./CodecLimits.js"
import { layoutOf } from "./Encoding.js"
import type { Stream } from "./Inspection.js"
import type { DownmixResult } from "./requests/downmix.js"

/** How channels become fewer, where FFmpeg's own matrix would lose sound. */
export type Mix =
  /** Every second channel is turned over. */
  | "flipped"
  /** One channel stands for all; from 0. */
  | number

/** dB by which a sum falls short of unrelated channels before it is another sound: 6 dB under the channels themselves. */
const CANCELLED = 3

/** The share of the time that a sum may lose; channels of ordinary music are never in opposite phase for longer. */
const GONE = 0.1

/** The mix that keeps what a plain sum would lose; `undefined` where it loses nothing to speak of. */
export const mixFor = ({ flippedLoss, flippedLost, loss, lost, loudest, loudestLost }: DownmixResult): Mix | undefined => {
  const goneIn = (loss: number, share: number) => (loss < CANCELLED ? share : 1)
  const [plain, flipped] = [goneIn(loss, lost), goneIn(flippedLoss, flippedLost)]
  if (plain <= GONE) return undefined
  if (flipped <= GONE) return "flipped"
  // Each way loses something.
  return loudestLost < Math.min(plain, flipped) ? loudest : flipped < plain ? "flipped" : undefined
}

/** What a mix is called for a person. */
export const mixName = (mix: Mix): string => (mix === "flipped" ? "every second channel turned over" : `channel ${mix + 1} alone`)

/** Channels that FFmpeg has a matrix for. */
const KNOWN = 8

/** Channels as they come, in the places of a usual layout: FFmpeg's mixer refuses some that name others. */
const replaced = (channels: number, layout: string): string =>
  `channelmap=map=${Array.from({ length: channels }, (_, channel) => channel).join("|")}:channel_layout=${layout}`

/**
 * The filters that make `to` channels, in a layout, of those of a stream; none where FFmpeg's own matrix does it. Channels of which
 * nobody knows where they stand get places that are heard; more than eight go in turn into each of the fewer, with the same weight.
 */
export const mixFilters = (
  { channels: from = 1, isUnplaced = false }: Pick<Stream, "channels" | "isUnplaced">,
  to: number,
  mix: Mix | undefined,
  layout: string
): ReadonlyArray<string> => {
  const isOdd = isUnplaced && from <= KNOWN
  if (to === from) return isOdd ? [replaced(from, layout)] : []
  if (to > from || (mix === undefined && from <= KNOWN)) return isOdd ? [replaced(from, heardLayout(from) ?? layoutOf(from))] : []
  return [...(isOdd ? [replaced(from, layoutOf(from))] : []), panned(from, to, mix, layout)]
}

/** The filters that give channels in unusual places, or in none, those that a codec has for so many. */
export const placing = (codec: string, stream: Pick<Stream, "channels" | "isUnplaced">): ReadonlyArray<string> => {
  const { channels = 1 } = stream
  const layout = unplacedLayout(codec, channels)
  return layout === undefined ? [] : mixFilters(stream, Math.min(channels, limitsOf(codec).channels), undefined, layout)
}

const panned = (from: number, to: number, mix: Mix | undefined, layout: string): string => {
  if (typeof mix === "number") return `pan=${layout}|${Array.from({ length: to }, (_, n) => `c${n}=c${mix}`).join("|")}`
  const outputs = Array.from({ length: to }, (_, output) => {
    const inputs = Array.from({ length: from }, (_, input) => input).filter((input) => input % to === output)
    const share = (1 / inputs.length).toFixed(6)
    const parts = inputs.map((input) => `${mix === "flipped" && input % 2 === 1 ? "-" : "+"}${share}*c${input}`)
    return `c${output}=${parts.join("").replace(/^\+/, "")}`
  })
  return `pan=${layout}|${outputs.join("|")}`
}
