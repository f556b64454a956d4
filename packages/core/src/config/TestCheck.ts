import type { Json } from "../stage/Json.js"
import { type Expectation, expressionOf, type PipelineTest } from "./PipelineTest.js"

/** How a node ended for a clip. */
export type Ended =
  | { readonly outcome: "done"; readonly value: Json }
  | { readonly outcome: "failed"; readonly code: string; readonly message: string }
  | { readonly outcome: "skipped"; readonly code: string; readonly message: string }

/** One thing that is not as expected. */
export interface Miss {
  readonly node: string
  /** `mentions`, `fields.durationSeconds` */
  readonly what: string
  /** `does not mention 'rain'` */
  readonly message: string
}

/** Holds what the nodes gave against what the test expects. */
export const check = (test: PipelineTest, ended: ReadonlyMap<string, Ended>): ReadonlyArray<Miss> =>
  Object.entries(test.expect).flatMap(([node, expectation]) => {
    const end = ended.get(node)
    const misses = end === undefined ? [miss("outcome", "did not run")] : ofNode(expectation, end)
    return misses.map((found) => ({ node, ...found }))
  })

type Found = Omit<Miss, "node">
const miss = (what: string, message: string): Found => ({ what, message })

const ofNode = (expected: Expectation, end: Ended): ReadonlyArray<Found> => {
  if (end.outcome !== expected.outcome)
    return [
      miss(
        "outcome",
        end.outcome === "done" ? `is done, not ${expected.outcome}` : `is ${end.outcome}: ${end.message} (${end.code})`
      )
    ]
  if (end.outcome !== "done")
    return expected.code === undefined || expected.code === end.code
      ? []
      : [miss("code", `is ${end.outcome} with ${end.code}, not with ${expected.code}`)]
  return [
    ...mentions(expected, textOf(end.value)),
    ...labels(expected, labelsOf(end.value)),
    ...Object.entries(expected.fields ?? {}).flatMap(([path, wanted]) => field(path, wanted, end.value))
  ]
}

/** Whether a phrase is in a text; case and the form of letters don't count. */
const occurs = (phrase: string, text: string): boolean =>
  expressionOf(phrase)?.test(text.normalize("NFC")) ?? plain(text).includes(plain(phrase))
const plain = (text: string): string => text.normalize("NFKC").toLowerCase()

const mentions = ({ mentions = [], omits = [] }: Expectation, text: string): ReadonlyArray<Found> => [
  ...mentions.flatMap((wanted) => {
    const any = typeof wanted === "string" ? [wanted] : wanted
    return any.some((phrase) => occurs(phrase, text))
      ? []
      : [miss("mentions", `does not mention ${any.map((one) => `'${one}'`).join(" or ")}`)]
  }),
  ...omits.flatMap((phrase) => (occurs(phrase, text) ? [miss("omits", `mentions '${phrase}'`)] : []))
]

const labels = ({ labels: allowed, tagged = [] }: Expectation, found: ReadonlyArray<string>): ReadonlyArray<Found> => [
  ...(allowed === undefined
    ? []
    : found
        .filter((label) => !allowed.includes(label))
        .map((label) => miss("labels", `has the label '${label}', which is not allowed`))),
  ...tagged.filter((label) => !found.includes(label)).map((label) => miss("tagged", `lacks the label '${label}'`))
]

const isRecord = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** A value's `text`, or all the text in it. */
const textOf = (value: Json): string =>
  isRecord(value) && typeof value["text"] === "string" ? value["text"] : allText(value).join("\n")

const allText = (value: Json): ReadonlyArray<string> =>
  typeof value === "string"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, inner]: [string, Json]) => (key === "_tag" ? [] : allText(inner)))
      : []

/** Every `label` in a value, each once. */
const labelsOf = (value: Json): ReadonlyArray<string> => {
  const found = (value: Json): ReadonlyArray<string> =>
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, inner]: [string, Json]) =>
          key === "label" && typeof inner === "string" ? [inner] : found(inner)
        )
      : []
  return [...new Set(found(value))]
}

/** The values at a dotted path; `*` stands for every element. */
const at = (value: Json | undefined, path: ReadonlyArray<string>): ReadonlyArray<Json | undefined> => {
  const [step, ...rest] = path
  if (step === undefined) return [value]
  if (typeof value !== "object" || value === null) return [undefined]
  if (step === "*") return Object.values(value).flatMap((inner: Json) => at(inner, rest))
  return Object.hasOwn(value, step) ? at(isRecord(value) ? value[step] : value[Number(step)], rest) : [undefined]
}

type Wanted = NonNullable<Expectation["fields"]>[string]

const field = (path: string, wanted: Wanted, value: Json): ReadonlyArray<Found> => {
  const found = at(value, path.split("."))
  if (found.some((one) => fits(wanted, one))) return []
  const shown = found.map((one) => (one === undefined ? "absent" : JSON.stringify(one))).join(", ")
  return [miss(`fields.${path}`, `is ${shown === "" ? "absent" : shown}, not ${say(wanted)}`)]
}

const fits = (wanted: Wanted, found: Json | undefined): boolean => {
  if (typeof wanted !== "object" || wanted === null) return wanted === found
  if ("matches" in wanted) return typeof found === "string" && occurs(wanted.matches, found)
  if ("oneOf" in wanted) return wanted.oneOf.some((one) => one === found)
  return typeof found === "number" && found >= (wanted.min ?? -Infinity) && found <= (wanted.max ?? Infinity)
}

const say = (wanted: Wanted): string => {
  if (typeof wanted !== "object" || wanted === null) return JSON.stringify(wanted)
  if ("matches" in wanted) return `text with '${wanted.matches}'`
  if ("oneOf" in wanted) return wanted.oneOf.map((one) => JSON.stringify(one)).join(" or ")
  return [wanted.min === undefined ? [] : [`${wanted.min} or more`], wanted.max === undefined ? [] : [`${wanted.max} or less`]]
    .flat()
    .join(" and ")
}
