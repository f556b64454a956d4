import type { DownmixResult } from "./requests/downmix.js"

/** How channels become fewer, where FFmpeg's own matrix would lose sound. */
export type Mix =
  /** Every second channel is turned over. */
  | "flipped"
  /** One channel stands for all; from 0. */
  | number

/** dB by which a sum falls short of unrelated channels before it is another sound: 6 dB under the channels themselves. */
const CANCELLED = 3

/** The mix that keeps what a plain sum would lose; `undefined` where it loses nothing to speak of. */
export const mixFor = ({ flippedLoss, loss, loudest }: DownmixResult): Mix | undefined =>
  loss < CANCELLED ? undefined : flippedLoss < CANCELLED ? "flipped" : loudest

/** What a mix is called for a person. */
export const mixName = (mix: Mix): string => (mix === "flipped" ? "every second channel turned over" : `channel ${mix + 1} alone`)

/** Channels that FFmpeg has a matrix for. */
const KNOWN = 8

/** The filter that mixes `from` channels to `to`; none where FFmpeg's own matrix does it. */
export const mixFilter = (from: number, to: number | undefined, mix: Mix | undefined, layout: string): ReadonlyArray<string> => {
  if (to === undefined || to >= from || (mix === undefined && from <= KNOWN)) return []
  if (typeof mix === "number") return [`pan=${layout}|${Array.from({ length: to }, (_, n) => `c${n}=c${mix}`).join("|")}`]
  const outputs = Array.from({ length: to }, (_, output) => {
    const inputs = Array.from({ length: from }, (_, input) => input).filter((input) => input % to === output)
    const share = (1 / inputs.length).toFixed(6)
    const parts = inputs.map((input) => `${mix === "flipped" && input % 2 === 1 ? "-" : "+"}${share}*c${input}`)
    return `c${output}=${parts.join("").replace(/^\+/, "")}`
  })
  return [`pan=${layout}|${outputs.join("|")}`]
}
