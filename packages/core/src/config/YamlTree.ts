import { Either } from "effect"
import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit
} from "yaml"
import type { Finding } from "./Diagnostic.js"
import type { Pair, Place, Tree } from "./Tree.js"

/** More parts than this come from aliases of aliases, not from a person. */
const MAX_PARTS = 100_000

/** A fault with its own place: the text could not be read that far. */
export interface YamlFault {
  readonly at: Place | undefined
  readonly finding: Omit<Finding, "of">
}

/** Keys that would change JavaScript's own objects. */
const FORBIDDEN_KEYS: ReadonlyArray<string> = ["__proto__"]

/**
 * The text as a tree: pairs in the order of the file (an object would put integer keys first), aliases resolved, `<<` merged.
 * Refuses several documents, a key given twice, tags that nobody knows, a flood of aliases, and `__proto__`.
 */
export const parse = (text: string): Either.Either<Tree, ReadonlyArray<YamlFault>> => {
  const lines = new LineCounter()
  const place = (offset: number): Place => {
    const { col, line } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const parsed = Either.try(() =>
    parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true, merge: false })
  )
  if (Either.isLeft(parsed)) return Either.left([unreadable])
  const document = parsed.right
  const wrong = [...document.errors, ...document.warnings]
  if (wrong.length > 0)
    return Either.left(
      wrong.map(({ code, message, pos }) => ({
        at: place(pos[0]),
        finding: { path: [], message: sentences[code] ?? message, candidates: [] }
      }))
    )
  return new Reader(targets(document), place).read(document.contents)
}

const unreadable: YamlFault = {
  at: undefined,
  finding: { path: [], message: "this is no YAML, or nested too deeply to be read", candidates: [] }
}

const sentences: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "this key is there already",
  MULTIPLE_DOCS: "a config is one document: what stands after '---' isn't read",
  NON_STRING_KEY: "a key is text",
  TAB_AS_INDENT: "YAML is indented with spaces, not with tabs"
}

/** What each alias stands for: the last node above it with that anchor. */
const targets = (document: Document.Parsed): ReadonlyMap<Alias, Node> => {
  const anchors = new Map<string, Node>()
  const found = new Map<Alias, Node>()
  visit(document, {
    Node: (_, node) => {
      if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined) anchors.set(node.anchor, node)
    },
    Alias: (_, alias) => {
      const target = anchors.get(alias.source)
      if (target !== undefined) found.set(alias, target)
    }
  })
  return found
}

class Reader {
  private parts = 0
  private readonly faults: Array<YamlFault> = []
  private readonly open = new Set<unknown>()

  constructor(
    private readonly targets: ReadonlyMap<Alias, Node>,
    private readonly place: (offset: number) => Place
  ) {}

  read(root: unknown): Either.Either<Tree, ReadonlyArray<YamlFault>> {
    const tree = this.tree(root, [])
    return this.faults.length === 0 ? Either.right(tree) : Either.left(this.faults)
  }

  private fault(at: Place | undefined, path: ReadonlyArray<string | number>, message: string): void {
    this.faults.push({ at, finding: { path, message, candidates: [] } })
  }

  private tree(node: unknown, path: ReadonlyArray<string | number>): Tree {
    const at = this.at(node)
    const nothing: Tree = { kind: "scalar", at, value: null }
    this.parts += 1
    if (this.parts > MAX_PARTS) {
      if (this.parts === MAX_PARTS + 1) this.fault(at, path, `the config has more than ${MAX_PARTS} parts: its aliases multiply`)
      return nothing
    }
    if (isAlias(node)) {
      const target = this.targets.get(node)
      if (target === undefined || this.open.has(target)) {
        this.fault(
          at,
          path,
          `the alias '*${node.source}' ${target === undefined ? "has no anchor above it" : "stands in itself"}`
        )
        return nothing
      }
      return this.tree(target, path)
    }
    if (isScalar(node)) return { kind: "scalar", at, value: node.value }
    this.open.add(node)
    const tree: Tree = isMap(node)
      ? { kind: "mapping", at, pairs: this.pairs(node.items, path) }
      : isSeq(node)
        ? { kind: "list", at, items: node.items.map((item, i) => this.tree(item, [...path, i])) }
        : nothing
    this.open.delete(node)
    return tree
  }

  private pairs(items: ReadonlyArray<unknown>, path: ReadonlyArray<string | number>): ReadonlyArray<Pair> {
    const found: Array<Pair> = []
    const merged: Array<Pair> = []
    for (const item of items) {
      if (!isPair(item)) continue
      const key = isScalar(item.key) ? String(item.key.value) : String(item.key)
      const at = this.at(item.key)
      if (FORBIDDEN_KEYS.includes(key)) {
        this.fault(at, [...path, key], `the key '${key}' is not allowed`)
        continue
      }
      const value = this.tree(item.value, [...path, key])
      if (key !== "<<") found.push({ key, at, value })
      else merged.push(...this.merged(value, at, path))
    }
    const own = new Set(found.map(({ key }) => key))
    const added = merged.filter(({ key }, i) => !own.has(key) && merged.findIndex((other) => other.key === key) === i)
    return added.length === 0 ? found : [...added, ...found]
  }

  /** `<<: *base` or `<<: [*base, *more]`. */
  private merged(value: Tree, at: Place | undefined, path: ReadonlyArray<string | number>): ReadonlyArray<Pair> {
    const sources = value.kind === "list" ? value.items : [value]
    return sources.flatMap((source) => {
      if (source.kind === "mapping") return source.pairs
      this.fault(at, [...path, "<<"], "'<<' takes a mapping, or a list of them")
      return []
    })
  }

  private at(node: unknown): Place | undefined {
    const range = isNode(node) ? node.range : undefined
    return range === undefined || range === null ? undefined : this.place(range[0])
  }
}
