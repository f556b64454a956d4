import { createSignal } from "solid-js"
import { en, type Words } from "./en.js"
import { zh } from "./zh.js"

const languages = { en, zh } as const
export type Language = keyof typeof languages
export const names: ReadonlyArray<readonly [Language, string]> = [
  ["en", en.name],
  ["zh", zh.name]
]

const isLanguage = (text: string | null): text is Language => text === "en" || text === "zh"

const KEY = "mediaspool-language"
/** What was chosen here, or the first of the browser's languages that the page has. */
const first = (): Language => {
  const chosen = localStorage.getItem(KEY)
  if (isLanguage(chosen)) return chosen
  return navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? "en"
}

const [language, set] = createSignal<Language>(first())
export { language }

export const setLanguage = (next: Language): void => {
  localStorage.setItem(KEY, next)
  set(next)
}

/** The page's texts, in its language. */
export const words = (): Words => languages[language()]

/** How numbers and dates are written: as the browser has it where it speaks the page's language. */
const locale = (): string => navigator.languages.find((tag) => tag.startsWith(language())) ?? language()

export const count = (value: number): string => new Intl.NumberFormat(locale()).format(value)
/** `12,345`, `1.2M`: where there is little room. */
export const briefly = (value: number): string =>
  value < 100_000
    ? count(value)
    : new Intl.NumberFormat(locale(), { notation: "compact", maximumFractionDigits: 1 }).format(value)
export const decimal = (value: number, digits = 1): string =>
  new Intl.NumberFormat(locale(), { maximumFractionDigits: digits, minimumFractionDigits: 0 }).format(value)

/** `0:41`, `1:02:14`: a place in a file, or its length. */
export const clock = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds))
  const two = (part: number) => String(part).padStart(2, "0")
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor(whole / 60) % 60
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}

/** `40 s`, `12 min`, `3.5 h` */
export const duration = (seconds: number): string => {
  const [value, unit] = seconds < 90 ? [seconds, "second"] : seconds < 5_400 ? [seconds / 60, "minute"] : [seconds / 3600, "hour"]
  return new Intl.NumberFormat(locale(), {
    style: "unit",
    unit: String(unit),
    unitDisplay: "short",
    maximumFractionDigits: unit === "hour" ? 1 : 0
  }).format(Number(value))
}

export const bytes = (value: number): string => {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"]
  const step = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3))
  return new Intl.NumberFormat(locale(), {
    style: "unit",
    unit: units[step] ?? "byte",
    unitDisplay: "short",
    maximumFractionDigits: step > 1 ? 1 : 0
  }).format(value / 1000 ** step)
}

export const moment = (iso: string): string =>
  new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso))

/** An amount as the server says it: exact where it is small. */
export const money = (amount: string, currency: string): string => {
  const value = Number(amount)
  const digits = value !== 0 && Math.abs(value) < 0.1 ? 4 : 2
  return /^[A-Z]{3}$/i.test(currency)
    ? new Intl.NumberFormat(locale(), { style: "currency", currency, maximumFractionDigits: digits }).format(value)
    : `${decimal(value, digits)} ${currency}`
}
