import { AV_NOPTS_VALUE } from "node-av/constants"

/** A number that says something: finite and above zero. */
export const positive = (value: number): number | undefined => (Number.isFinite(value) && value > 0 ? value : undefined)

/** A time of libav in seconds; `undefined` where none is said. */
export const time = (value: bigint, base: { readonly num: number; readonly den: number }): number | undefined =>
  value === AV_NOPTS_VALUE ? undefined : (Number(value) * base.num) / base.den

/** A length of libav in seconds; `undefined` where none is said. */
export const seconds = (value: bigint, base: { readonly num: number; readonly den: number }): number | undefined =>
  positive(time(value, base) ?? 0)
