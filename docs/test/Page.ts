import { basename } from "node:path"

/** What a block of a page is for. */
export type Block =
  /** A file of the reader's project; the first line is a comment with its path. */
  | { readonly _tag: "File"; readonly path: string; readonly contents: string; readonly line: number }
  /** Lines that the reader types. */
  | { readonly _tag: "Commands"; readonly script: string; readonly line: number }
  /** What the commands above print; `…` stands for anything. */
  | { readonly _tag: "Output"; readonly text: string; readonly line: number }

export interface Page {
  readonly name: string
  readonly blocks: ReadonlyArray<Block>
  /** Blocks that no test would touch. */
  readonly strays: ReadonlyArray<string>
}

const fence = /^( *)```(\S*)[^\n]*\n([\s\S]*?)^\1```$/gm
/** What the reader has done on another page. */
const before = /^<!-- before: (.+) -->$/gm
const head = /^(?:\/\/|#|--) (\S+\.\w+)$/

const read = (language: string, text: string, line: number): Block | undefined => {
  const path = head.exec(text.split("\n", 1)[0] ?? "")?.[1]
  if (language === "sh") return { _tag: "Commands", script: text, line }
  if (language === "text") return { _tag: "Output", text, line }
  return path === undefined ? undefined : { _tag: "File", path, contents: text, line }
}

/** Reads a page of Markdown. */
export const parse = (file: string, markdown: string): Page => {
  const lineOf = (at: number) => markdown.slice(0, at).split("\n").length
  const strays: Array<string> = []
  const fenced = [...markdown.matchAll(fence)].flatMap((found) => {
    const line = lineOf(found.index)
    const block = read(found[2] ?? "", found[3] ?? "", line)
    if (block === undefined) strays.push(`${file}:${line}`)
    return block === undefined ? [] : [{ at: found.index, block }]
  })
  const done = [...markdown.matchAll(before)].map((found) => {
    const block: Block = { _tag: "Commands", script: found[1] ?? "", line: lineOf(found.index) }
    return { at: found.index, block }
  })
  return {
    name: basename(file, ".md"),
    blocks: [...fenced, ...done].sort((a, b) => a.at - b.at).map(({ block }) => block),
    strays
  }
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

/** Whether the lines of `wanted` stand in `printed`, in order; indentation and what `…` stands for don't count. */
export const missing = (wanted: string, printed: string): string | undefined => {
  const lines = printed.split("\n").map((line) => line.trim())
  let from = 0
  for (const line of wanted.split("\n").map((line) => line.trim())) {
    if (line === "" || line === "…") continue
    const pattern = new RegExp(`^${line.split("…").map(escaped).join(".*")}$`)
    const at = lines.findIndex((candidate, n) => n >= from && pattern.test(candidate))
    if (at === -1) return line
    from = at + 1
  }
  return undefined
}
