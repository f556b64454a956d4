/** How measurements are written in sentences: few digits, with their unit. */
const decimals = (value: number, digits: number): string => value.toFixed(digits).replace(/^-(0(\.0*)?)$/, "$1")

/** `1,234` */
export const count = (value: number): string => value.toLocaleString("en")

/** Digits after the point that keep two that count: 0.05 is not 0.1. */
const digitsOf = (seconds: number): number => (seconds >= 9.95 ? 0 : seconds >= 0.95 ? 1 : seconds >= 0.045 ? 2 : 3)

/** `0.05 seconds`, `3.2 seconds`, `2 min 5 s`, `1 h 2 min` */
export const duration = (seconds: number): string => {
  if (seconds < 59.5) return `${decimals(seconds, digitsOf(seconds))} seconds`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

/** `4.0 s`, a place in the file. */
export const moment = (seconds: number): string => `${decimals(seconds, seconds > 0 && seconds < 0.95 ? 2 : 1)} s`

/** `440 Hz`, `1.8 kHz` */
export const frequency = (hertz: number): string =>
  hertz < 1000 ? `${decimals(hertz, 0)} Hz` : `${decimals(hertz / 1000, 1).replace(/\.0$/, "")} kHz`

/** `34 %`; never 0 or 100 for a share that is neither. */
export const share = (ratio: number): string => {
  const percent = Math.round(ratio * 100)
  if (percent === 0 && ratio > 0) return "less than 1 %"
  return percent === 100 && ratio < 1 ? "more than 99 %" : `${percent} %`
}

/** One digit after the point: levels in dB, LU and LUFS. */
export const level = (value: number): string => decimals(value, 1)

/** Two digits: confidences and ratios. */
export const ratio = (value: number): string => decimals(value, 2)
