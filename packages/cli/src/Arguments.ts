import * as AutoCorrect from "@effect/cli/AutoCorrect"
import * as CliConfig from "@effect/cli/CliConfig"
import * as CommandDescriptor from "@effect/cli/CommandDescriptor"
import type { Usage } from "@effect/cli/Usage"
import { Array, Effect, HashMap, Option } from "effect"
import { ExitCode } from "./ExitCode.js"
import { inline } from "./output/Text.js"
import { Refused } from "./Refused.js"

/** Options that every command has. */
const builtIn: ReadonlyArray<Flag> = [
  { names: ["--help", "-h"], takesValue: false },
  { names: ["--version"], takesValue: false },
  { names: ["--wizard"], takesValue: false },
  { names: ["--completions"], takesValue: true },
  { names: ["--log-level"], takesValue: true }
]

interface Flag {
  readonly names: ReadonlyArray<string>
  readonly takesValue: boolean
  /** May stand there more than once. */
  readonly isRepeated?: boolean
  /** As @effect/cli writes it: `integer`, `text`, or the values that there are, with ` | ` between them. */
  readonly accepted?: string | undefined
}

const flags = (usage: Usage, isRepeated = false): ReadonlyArray<Flag> => {
  switch (usage._tag) {
    case "Empty":
    case "Mixed":
      return []
    case "Named":
      return [
        {
          names: usage.names,
          takesValue: Option.isSome(usage.acceptedValues),
          isRepeated,
          accepted: Option.getOrUndefined(usage.acceptedValues)
        }
      ]
    case "Optional":
      return flags(usage.usage, isRepeated)
    case "Repeated":
      return flags(usage.usage, true)
    case "Alternation":
    case "Concat":
      return [...flags(usage.left, isRepeated), ...flags(usage.right, isRepeated)]
  }
}

/** Commands by name. */
export type Commands = HashMap.HashMap<string, CommandDescriptor.Command<unknown>>

const refuse = (message: string, help: string) => new Refused({ code: ExitCode.usage, message, help })

/** Commands that take a query: a word that must not be found begins with a minus. */
const queried = new Set(["search", "ls", "requeue", "export", "write-tags", "canary"])

const isExcludedWord = (word: string, known: ReadonlyArray<Flag>): boolean =>
  word === "-" || (/^-[^-]/.test(word) && !known.some(({ names }) => names.includes(word)))

/** The options of a command, and those that every command has. */
const flagsOf = (command: Option.Option<CommandDescriptor.Command<unknown>>): ReadonlyArray<Flag> => {
  const own = Option.match(command, { onNone: () => [], onSome: (found) => flags(CommandDescriptor.getUsage(found)) })
  return [...own.filter((flag) => flag.names.some((each) => each.startsWith("-"))), ...builtIn]
}

/**
 * The same with the options before the words, where a query excludes one: @effect/cli would take what follows `-wind` for words, and
 * `spool search -wind --json` would look for them.
 */
export const ordered = (commands: Commands, args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const [name = "", ...rest] = args
  const end = rest.indexOf("--")
  const before = end === -1 ? rest : rest.slice(0, end)
  const known = flagsOf(HashMap.get(commands, name))
  if (!queried.has(name) || !before.some((word) => isExcludedWord(word, known))) return args
  const options: Array<string> = []
  const words: Array<string> = []
  for (let i = 0; i < before.length; i++) {
    const word = before[i] ?? ""
    const flag = known.find(({ names }) => names.includes(word.split("=", 1)[0] ?? ""))
    if (flag === undefined) words.push(word)
    else options.push(...before.slice(i, flag.takesValue && !word.includes("=") ? (i += 1) + 1 : i + 1))
  }
  return [name, ...options, "--", ...words, ...(end === -1 ? [] : rest.slice(end + 1))]
}

/**
 * Refuses options that the command doesn't have, options without their value, and those given twice: @effect/cli would take each for
 * an argument, `spool run --jsn` would look for a file of that name, and `spool ls --limit 1 --limit 2` for the word 2. What stands after `--` is left alone, and so is a word that a search
 * shall not find (`spool search rain -wind`).
 */
export const check = (
  commands: Commands,
  args: ReadonlyArray<string>,
  /** The commands that have commands of their own: `plugin new`. */
  groups: Readonly<Record<string, Commands>> = {},
  within = ""
): Effect.Effect<void, Refused> =>
  Effect.gen(function* () {
    const [first = "", ...rest] = args
    const group = groups[first]
    if (group !== undefined && rest[0]?.startsWith("-") === false) return yield* check(group, rest, {}, `${first} `)
    const name = `${within}${first}`
    const command = HashMap.get(commands, first)
    const known = flagsOf(command)
    const help = Option.isSome(command) ? `\`spool ${name} --help\` lists its options.` : "`spool --help` lists the commands."
    const end = args.indexOf("--")
    const before = end === -1 ? args : args.slice(0, end)
    const seen = new Set<Flag>()
    for (let i = 0; i < before.length; i++) {
      const word = before[i] ?? ""
      if (!word.startsWith("-") || word === "-") continue
      if (queried.has(name) && isExcludedWord(word, known)) continue
      const [option = "", value] = word.split("=", 2)
      const flag = known.find(({ names }) => names.includes(option))
      if (flag === undefined) return yield* refuse(`Unknown option ${option}.${meant(option, known)}`, help)
      if (seen.has(flag) && flag.isRepeated !== true) return yield* refuse(`The option ${option} is given twice.`, help)
      seen.add(flag)
      if (!flag.takesValue) continue
      if (value === undefined) i += 1
      const given = value === undefined ? before[i] : word.slice(option.length + 1)
      if (given === undefined || (value === undefined && given.startsWith("--")))
        return yield* refuse(`The option ${option} needs a value.`, help)
      const wrong = unaccepted(option, flag, given)
      if (wrong !== undefined) return yield* refuse(wrong, help)
    }
  })

/** What is wrong with an option's value, as far as its form tells. */
const unaccepted = (option: string, { accepted = "text" }: Flag, given: string): string | undefined => {
  const values = accepted.split(" | ")
  if (values.length > 1 && !values.includes(given))
    return `${option} takes ${values.join(", ")}, not '${inline(given)}'.${nearest(given, values)}`
  return accepted === "integer" && !/^[+-]?\d+$/.test(given)
    ? `${option} takes a whole number, not '${inline(given)}'.`
    : undefined
}

const meant = (option: string, known: ReadonlyArray<Flag>): string =>
  nearest(
    option,
    known.flatMap(({ names }) => names)
  )

const nearest = (typed: string, names: ReadonlyArray<string>): string => {
  const near = names
    .map((name) => ({ name, distance: AutoCorrect.levensteinDistance(typed, name, CliConfig.defaultConfig) }))
    .filter(({ distance }) => distance <= 2)
    .sort((a, b) => a.distance - b.distance)
  return Array.match(near, { onEmpty: () => "", onNonEmpty: ([first]) => ` Did you mean ${first.name}?` })
}
