import { layoutOfMask } from "./CodecLimits.js"

/** How channels that stand in another order than FFmpeg's are brought into it. */
export interface ChannelOrder {
  /** FFmpeg's name of the layout that has the same places. */
  readonly layout: string
  /** The channel of the file, from 0, that goes into each place of the layout. */
  readonly from: ReadonlyArray<number>
}

/** FFmpeg's names of places, in the order of their bits in a channel mask. */
const places = ["FL", "FR", "FC", "LFE", "BL", "BR", "FLC", "FRC", "BC", "SL", "SR"]

/**
 * What QuickTime, CAF and AIFF may say: film order is left, centre, right; Apple's puts the sides before the back. `undefined` where the
 * channels stand as FFmpeg has them, or in places that make no usual layout.
 *
 * @param name the layout as FFmpeg describes it: `6 channels (FL+FC+FR+SL+SR+LFE)`
 */
export const orderOf = (name: string): ChannelOrder | undefined => {
  const named = / channels \((.+)\)$/.exec(name)?.[1]?.split("+") ?? []
  const bits = named.map((place) => places.indexOf(place))
  if (bits.length === 0 || bits.includes(-1) || new Set(bits).size < bits.length) return undefined
  const layout = layoutOfMask(bits.reduce((mask, bit) => mask + 2 ** bit, 0))
  const from = bits.map((_, channel) => channel).sort((a, b) => (bits[a] ?? 0) - (bits[b] ?? 0))
  return layout === undefined ? undefined : { layout, from }
}

/** The filter that brings channels into FFmpeg's order. */
export const reordered = ({ from, layout }: ChannelOrder): string => `channelmap=map=${from.join("|")}:channel_layout=${layout}`

/** The same in front of other filters; empty where they are in that order. */
export const ordering = (order: ChannelOrder | undefined): string => (order === undefined ? "" : `${reordered(order)},`)
