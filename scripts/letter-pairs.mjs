// Counts which letters follow each other in languages, over the names of languages, regions, scripts, currencies, units and dates that
// Node's ICU (CLDR) has, and writes letterPairs.ts and latinPairs.ts in packages/plugins/src/media/encoding.
//   node scripts/letter-pairs.mjs
import { writeFileSync } from "node:fs"

const others = ["ru", "uk", "bg", "sr", "el", "he", "ar", "fa", "th"]
/** Languages with the Latin alphabet, and letters beside those of ASCII. */
const latin = (
  "de fr es pt it sv nb da fo fi nl is en ca ga gl eu sq br cy af lb " + // windows-1252
  "pl cs sk hu ro hr sl tr lv lt et"
).split(" ")
/** A letter follows another one at least this often, in three classes. */
const CLASSES = [1 / 9, 1 / 30, 1 / 120]

const letters = [..."abcdefghijklmnopqrstuvwxyz"]
const two = letters.flatMap((first) => letters.map((second) => first + second))
const three = two.flatMap((start) => letters.map((last) => start + last))
const units =
  "kilometer meter second minute hour day week month year gram kilogram liter byte degree percent mile foot inch ounce pound".split(
    " "
  )
const scripts =
  "Arab Armn Beng Brai Cher Cyrl Deva Egyp Ethi Geor Goth Grek Hang Hans Hant Hebr Hira Kana Khmr Laoo Latn Mong Thaa Thai Tibt".split(
    " "
  )

const names = (language, type, codes) => {
  const known = new Intl.DisplayNames([language], { type, fallback: "none" })
  return codes.flatMap((code) => known.of(code) ?? [])
}
const texts = (language) => [
  ...names(language, "language", [...two, ...three]),
  ...names(
    language,
    "region",
    two.map((code) => code.toUpperCase())
  ),
  ...names(language, "script", scripts),
  ...names(language, "currency", Intl.supportedValuesOf("currency")),
  ...letters
    .slice(0, 12)
    .map((_, month) =>
      new Intl.DateTimeFormat(language, { month: "long", day: "numeric", weekday: "long" }).format(
        new Date(2024, month, month + 1)
      )
    ),
  ...units.flatMap((unit) =>
    [1, 3, 7].map((n) => new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(n))
  ),
  ...["year", "month", "week", "day", "hour", "minute", "second"].flatMap((unit) =>
    [-7, -2, -1, 0, 1, 2, 7].map((n) => new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(n, unit))
  )
]

const followers = (language) => {
  const counts = new Map()
  for (const word of texts(language).flatMap(
    (text) =>
      text
        .normalize("NFC")
        .toLowerCase()
        .match(/[\p{L}\p{M}]+/gu) ?? []
  )) {
    if (others.includes(language) && /[a-z]/.test(word)) continue
    const characters = [" ", ...word, " "]
    for (const [i, next] of characters.slice(1).entries()) {
      const after = counts.get(characters[i]) ?? new Map()
      counts.set(characters[i], after.set(next, (after.get(next) ?? 0) + 1))
    }
  }
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([letter, after]) => {
      const all = [...after.values()].reduce((sum, count) => sum + count, 0)
      const least = [...CLASSES, 0]
      const classes = CLASSES.map((share, n) =>
        [...after]
          .filter(([, count]) => count / all >= share && (n === 0 || count / all < least[n - 1]))
          .map(([next]) => next)
          .sort()
          .join("")
      )
      return letter + classes.join("/")
    })
    .join("|")
}

const write = (name, languages) =>
  writeFileSync(
    new URL(`../packages/plugins/src/media/encoding/${name}.ts`, import.meta.url),
    `/**
 * Which letters follow each other, by language: written by scripts/letter-pairs.mjs, counted over the names that CLDR has. For each
 * letter, and for the blank around words, those that follow it in at least ${CLASSES.map((share) => `1 of ${Math.round(1 / share)}`).join("/")} cases.
 */
export const ${name} = {
${languages.map((language) => `  ${language}: ${JSON.stringify(followers(language))}`).join(",\n")}
} as const
`
  )

write("letterPairs", others)
write("latinPairs", latin)
