import type { Band } from "../../media/requests/bands.js"

/** Hz up to which a copy for a model is looked at for what nobody hears: a tone of 20 Hz spreads over the bins beside it. */
export const RUMBLE = 31

/** dBFS (RMS) under which nothing is heard, and dB under what lies below at which the rest is what the look itself spreads. */
const NOTHING = -60
const SPREAD = 50

/** Says that all that sounds lies below what people hear, where it does. `band` is parted at {@link RUMBLE}. */
export const infrasound = ({ inside, outside }: Band): string | undefined =>
  inside > NOTHING && outside < Math.max(NOTHING, inside - SPREAD)
    ? "it holds nothing audible: all that sounds lies below 20 Hz"
    : undefined
