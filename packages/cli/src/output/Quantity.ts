/** 1234567 → `1,234,567`; locale-free, so that two machines say the same. */
export const count = (number: number): string => String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ",")

/** `1 file`, `3 files`. */
export const counted = (number: number, noun: string): string => `${count(number)} ${noun}${number === 1 ? "" : "s"}`

/** How long something takes: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 05 min`. */
export const duration = (seconds: number): string => {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`
  return `${count(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, "0")} min`
}

/** A position in a medium: `0:07`, `1:02:33`. */
export const position = (seconds: number): string => {
  const whole = Math.floor(seconds)
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const pad = (part: number) => String(part).padStart(2, "0")
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`
}

/** Media time, which adds up to hours: `44 s`, `12 min`, `3.2 h`, `1,204 h`. */
export const mediaTime = (seconds: number): string => {
  const hours = seconds / 3600
  return hours < 0.1
    ? duration(seconds)
    : hours < 1
      ? `${Math.round(hours * 60)} min`
      : `${hours < 100 ? hours.toFixed(1) : count(hours)} h`
}

const units = ["B", "KB", "MB", "GB", "TB", "PB"]

/** Decimal units, as disks are sold: `712 B`, `7.2 MB`. */
export const bytes = (size: number): string => {
  const power = size < 1 ? 0 : Math.min(Math.floor(Math.log10(size) / 3), units.length - 1)
  const scaled = size / 1000 ** power
  return `${power === 0 || scaled >= 99.95 ? Math.round(scaled) : scaled.toFixed(1)} ${units[power]}`
}

/** An amount that is only estimated: four digits, `0.0152 USD`. */
export const aboutMoney = (amount: number, currency: string): string => `${Number(amount.toPrecision(4))} ${currency}`
