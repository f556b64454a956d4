import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as CommandDescriptor from "@effect/cli/CommandDescriptor"
import * as Usage from "@effect/cli/Usage"
import { HashMap } from "effect"
import { page, table } from "./markdown.mjs"

const text = (span) => {
  switch (span._tag) {
    case "Sequence":
      return text(span.left) + text(span.right)
    case "Uri":
      return span.value
    case "Text":
      return span.value
    default:
      return typeof span.value === "string" ? span.value : text(span.value)
  }
}

/** What @effect/cli says of every piece of text, yes or file: nothing that the description doesn't. */
const noise =
  /^(A user-defined piece of text|A true or false value|A file|A directory|This setting is optional|This (option|argument) may be repeated)/

const paragraphs = (doc) => {
  switch (doc._tag) {
    case "Paragraph":
    case "Header":
      return [text(doc.value)]
    case "Sequence":
      return [...paragraphs(doc.left), ...paragraphs(doc.right)]
    case "DescriptionList":
      return doc.definitions.flatMap(([head, body]) => [text(head), ...paragraphs(body)])
    case "Enumeration":
      return doc.elements.flatMap(paragraphs)
    default:
      return []
  }
}

/** The lists of a help page by their heading: `{ OPTIONS: [["--json", "One JSON value per line"]] }`. */
const lists = (doc) => {
  const found = {}
  let heading = ""
  const walk = (doc) => {
    if (doc._tag === "Sequence") {
      walk(doc.left)
      walk(doc.right)
    } else if (doc._tag === "Header") heading = text(doc.value)
    else if (doc._tag === "DescriptionList")
      (found[heading] ??= []).push(
        ...doc.definitions.map(([head, body]) => [
          `\`${text(head)}\``,
          paragraphs(body)
            .filter((line) => !noise.test(line))
            .join(" ")
        ])
      )
    else if (doc._tag === "Paragraph") (found[`${heading} text`] ??= []).push(text(doc.value))
  }
  walk(doc)
  return found
}

/** Options that every command has are said once. */
const config = CliConfig.make({ showBuiltIns: false })

const section = (name, doc, usage) => {
  const found = lists(doc)
  // Whatever may be repeated may be left out, too.
  const line = paragraphs(Usage.getHelp(usage))
    .join(" ")
    .replace(/(?<=\s)(--[a-z-]+ [a-z]+|<[a-z ]+>)\.\.\./g, "[$1...]")
    .replace(/\[\((--[^()]*)\)\]/g, "[$1]")
  return [
    `## spool ${name}`,
    (found["DESCRIPTION text"] ?? []).join("\n\n"),
    ["```", `spool ${name}${line.includes(" ") ? line.slice(line.indexOf(" ")) : ""}`, "```"].join("\n"),
    found["ARGUMENTS"] === undefined ? "" : table(["argument", "what it is"], found["ARGUMENTS"]),
    found["OPTIONS"] === undefined ? "" : table(["option", "what it does"], found["OPTIONS"])
  ]
    .filter((block) => block !== "")
    .join("\n\n")
}

const sections = (command) => {
  const inner = HashMap.toEntries(Command.getSubcommands(command)).sort(([a], [b]) => a.localeCompare(b))
  const [name] = [...Command.getNames(command)]
  const own = inner.length === 1 && inner[0][0] === name
  return own
    ? [section(name, Command.getHelp(command, config), Command.getUsage(command))]
    : inner.map(([child, descriptor]) =>
        section(`${name} ${child}`, CommandDescriptor.getHelp(descriptor, config), CommandDescriptor.getUsage(descriptor))
      )
}

const codes = {
  done: "all done",
  failed: "some files failed; the rest is done",
  usage: "wrong usage: unknown option, missing argument",
  waiting: "no failures, but some files wait for a service or for disk space",
  config: "the config, or something it needs on this machine, has to be fixed first",
  hangup: "SIGHUP: the terminal was closed",
  interrupted: "Ctrl-C",
  terminated: "SIGTERM"
}

export const cli = async () => {
  const { groups } = await import("../../packages/cli/dist/main.js")
  const { ExitCode } = await import("../../packages/cli/dist/ExitCode.js")
  return page(
    "The command line",
    "`spool --help` and `spool <command> --help` say the same. `--completions bash|zsh|fish` prints completions for a shell.",
    table(
      ["exit code", "meaning"],
      Object.entries(ExitCode).map(([name, value]) => [`\`${value}\``, codes[name] ?? name])
    ),
    ...groups.flatMap(({ commands }) => commands).flatMap(sections)
  )
}
