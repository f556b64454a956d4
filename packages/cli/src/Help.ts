import * as CliConfig from "@effect/cli/CliConfig"
import * as CommandDescriptor from "@effect/cli/CommandDescriptor"
import type * as HelpDoc from "@effect/cli/HelpDoc"
import type { Span } from "@effect/cli/HelpDoc/Span"
import type { Usage } from "@effect/cli/Usage"
import { HashMap, Option } from "effect"
import { paint } from "./output/Output.js"

/** A command's description, arguments and options, as @effect/cli keeps them. */
type Descriptor = CommandDescriptor.Command<unknown>

/** Commands that are listed together under a title. */
export interface Group {
  readonly title: string
  readonly commands: ReadonlyArray<{ readonly descriptor: Descriptor }>
}

interface Entry {
  readonly term: string
  readonly text: string
}

/** Own options alone: the built-in ones are listed once, by `spool --help`. */
const config = CliConfig.make({ showBuiltIns: false })

/** Its words. The library's printer lays whole pages out: over all commands it takes twice the time of the rest. */
const wordsOf = (span: Span): string => {
  switch (span._tag) {
    case "Text":
    case "URI":
      return span.value
    case "Sequence":
      return wordsOf(span.left) + wordsOf(span.right)
    case "Highlight":
    case "Strong":
    case "Weak":
      return wordsOf(span.value)
  }
}

/** Headers and paragraphs, in their order. */
function* paragraphs(doc: HelpDoc.HelpDoc): Generator<string> {
  switch (doc._tag) {
    case "Empty":
      return
    case "Header":
    case "Paragraph":
      yield wordsOf(doc.value).trim()
      return
    case "Sequence":
      yield* paragraphs(doc.left)
      yield* paragraphs(doc.right)
      return
    case "DescriptionList":
      for (const [, block] of doc.definitions) yield* paragraphs(block)
      return
    case "Enumeration":
      for (const element of doc.elements) yield* paragraphs(element)
  }
}

/** `--rerun stage` → `--rerun <stage>`, `(--status, --state done | failed)` without its parentheses; choices stay as they are. */
const term = (usage: string): string =>
  usage.replace(/^(--[a-z-]+) ([a-z]+)(\.\.\.)?$/, "$1 <$2>$3").replace(/^\((--.*)\)$/, "$1")

/** Arguments and options with what was written about them: the second paragraph; the first is the library's word for the type. */
const entries = (doc: HelpDoc.HelpDoc): ReadonlyArray<Entry> => {
  switch (doc._tag) {
    case "Sequence":
      return [...entries(doc.left), ...entries(doc.right)]
    case "DescriptionList":
      return doc.definitions.map(([span, block]) => {
        const [, text = ""] = paragraphs(block)
        return { term: term(wordsOf(span).trim()), text }
      })
    default:
      return []
  }
}

const descriptionOf = (command: Descriptor): string => {
  const [title, text = ""] = paragraphs(CommandDescriptor.getHelp(command, config))
  return title === "DESCRIPTION" ? text : ""
}

const nameOf = (command: Descriptor): string => [...CommandDescriptor.getNames(command)][0] ?? ""

/** Commands of a command's own: `new` and `dev` of `plugin`. */
const childrenOf = (command: Descriptor): ReadonlyArray<Descriptor> =>
  [...HashMap.values(CommandDescriptor.getSubcommands(command))].filter((child) => nameOf(child) !== nameOf(command))

/** The command's name, then `[<pipeline>] [<path>...]`, without the options. */
const positional = (usage: Usage): ReadonlyArray<string> => {
  switch (usage._tag) {
    case "Empty":
    case "Mixed":
      return []
    case "Named":
      return usage.names.filter((name) => !name.startsWith("-"))
    case "Optional":
      return positional(usage.usage).map((name) => `[${name}]`)
    case "Repeated":
      return positional(usage.usage).map((name) => `[${name}...]`)
    case "Alternation":
    case "Concat":
      return [...positional(usage.left), ...positional(usage.right)]
  }
}

const wrapped = (text: string, columns: number): ReadonlyArray<string> =>
  text.split(/\s+/).reduce<ReadonlyArray<string>>((lines, word) => {
    const last = lines[lines.length - 1]
    return last === undefined || last.length + 1 + word.length > columns
      ? [...lines, word]
      : [...lines.slice(0, -1), `${last} ${word}`]
  }, [])

const widest = 26

const section = (title: string, list: ReadonlyArray<Entry>, columns: number): ReadonlyArray<string> => {
  if (list.length === 0) return []
  const width = Math.min(widest, Math.max(...list.map(({ term }) => term.length)))
  const rows = list.flatMap(({ term, text }) => {
    const [first = "", ...more] = wrapped(text, Math.max(30, columns - width - 4))
    const rest = more.map((line) => `${" ".repeat(width + 4)}${line}`)
    return term.length > width
      ? [`  ${paint.bold(term)}`, `${" ".repeat(width + 4)}${first}`, ...rest]
      : [`  ${paint.bold(term.padEnd(width))}  ${first}`.trimEnd(), ...rest]
  })
  return ["", paint.dim(title), ...rows]
}

const common: ReadonlyArray<Entry> = [
  { term: "--config <file>", text: "Config file; default: the nearest spool.yaml or spool.config.ts" },
  { term: "--json", text: "One JSON value per line on stdout; text and progress on stderr" },
  { term: "-h, --help", text: "Show help; with a command, its arguments and options" },
  { term: "--version", text: "Show the version" },
  { term: "--log-level <level>", text: "Log from this level on: debug shows stack traces" },
  { term: "--completions <shell>", text: "Print a completion script for bash, zsh, fish or sh" }
]

/** What `spool --help` prints: the commands by group. */
export const overview = (groups: ReadonlyArray<Group>, version: string, columns: number): string =>
  [
    `${paint.bold("spool")} ${version}: turns folders of audio and video into a searchable library.`,
    "",
    "Usage: spool <command> [options]    `spool <command> --help` explains a command",
    ...groups.flatMap(({ commands, title }) =>
      section(
        title,
        commands.map(({ descriptor }) => ({ term: nameOf(descriptor), text: descriptionOf(descriptor) })),
        columns
      )
    ),
    ...section("Options", common, columns)
  ].join("\n")

/**
 * What `spool <command> --help` prints.
 *
 * @param name as it is typed: `plugin new`
 */
export const ofCommand = (command: Descriptor, name: string, columns: number): string => {
  const children = childrenOf(command)
  const list = children.length > 0 ? [] : entries(CommandDescriptor.getHelp(command, config))
  const isOption = ({ term }: Entry) => term.startsWith("-")
  const [, ...own] = positional(CommandDescriptor.getUsage(command))
  const usage = children.length > 0 ? ["<command>"] : [...own, ...(list.some(isOption) ? ["[options]"] : [])]
  return [
    `Usage: ${paint.bold(`spool ${name}`)} ${usage.join(" ")}`.trimEnd(),
    "",
    ...wrapped(descriptionOf(command), columns),
    ...section(
      "Commands",
      children.map((child) => ({ term: nameOf(child), text: descriptionOf(child) })),
      columns
    ),
    ...section(
      "Arguments",
      list.filter((entry) => !isOption(entry)),
      columns
    ),
    ...section("Options", list.filter(isOption), columns)
  ].join("\n")
}

/** The command that the first words of a command line name, with its name: `plugin new`. */
export const find = (
  groups: ReadonlyArray<Group>,
  [first, second]: ReadonlyArray<string>
): Option.Option<readonly [name: string, command: Descriptor]> => {
  const command = groups.flatMap(({ commands }) => commands).find(({ descriptor }) => nameOf(descriptor) === first)?.descriptor
  if (first === undefined || command === undefined) return Option.none()
  const child = childrenOf(command).find((child) => nameOf(child) === second)
  return Option.some(child === undefined ? [first, command] : [`${first} ${second}`, child])
}
