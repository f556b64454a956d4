/** Where something stands in a file. Lines and columns count from 1; a config made by a program has none. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** A config as it was written: its pairs in their order, each with its place. */
export type Tree = Scalar | List | Mapping

export interface Scalar {
  readonly kind: "scalar"
  readonly at: Place | undefined
  /** What YAML holds, or from a config made by a program anything else: a plugin, a pipeline. */
  readonly value: unknown
}

export interface List {
  readonly kind: "list"
  readonly at: Place | undefined
  readonly items: ReadonlyArray<Tree>
}

export interface Pair {
  readonly key: string
  readonly at: Place | undefined
  readonly value: Tree
}

export interface Mapping {
  readonly kind: "mapping"
  readonly at: Place | undefined
  readonly pairs: ReadonlyArray<Pair>
  /** The object that a program made: a plugin, a pipeline. */
  readonly made?: object
}

/** A mapping without pairs: what an absent section stands for. */
export const empty: Mapping = { kind: "mapping", at: undefined, pairs: [] }

/** The pair of this key. */
export const pair = (tree: Tree | undefined, key: string): Pair | undefined =>
  tree?.kind === "mapping" ? tree.pairs.find((pair) => pair.key === key) : undefined

/** The value of this key. */
export const get = (tree: Tree | undefined, key: string): Tree | undefined => pair(tree, key)?.value

/** `key:` with nothing after it means an empty mapping where a mapping is wanted. */
export const mappingOr = (tree: Tree | undefined): Tree =>
  tree === undefined || isNull(tree) ? { ...empty, at: tree?.at } : tree

/** Whether nothing stands there. */
export const isNull = (tree: Tree): boolean => tree.kind === "scalar" && tree.value === null

/** The pairs, or none. */
export const pairs = (tree: Tree | undefined): ReadonlyArray<Pair> => (tree?.kind === "mapping" ? tree.pairs : [])

/** The value without places. */
export const toValue = (tree: Tree): unknown => {
  switch (tree.kind) {
    case "scalar":
      return tree.value
    case "list":
      return tree.items.map(toValue)
    case "mapping":
      return Object.fromEntries(tree.pairs.map(({ key, value }) => [key, toValue(value)]))
  }
}

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** A value made by a program, without places. Instances of classes stay whole, and so does what holds itself. */
export const fromValue = (value: unknown, above: ReadonlyArray<object> = []): Tree => {
  if (typeof value !== "object" || value === null || above.includes(value)) return { kind: "scalar", at: undefined, value }
  const inside = [...above, value]
  if (Array.isArray(value)) return { kind: "list", at: undefined, items: value.map((item) => fromValue(item, inside)) }
  if (!isPlain(value)) return { kind: "scalar", at: undefined, value }
  const pairs = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([key, field]) => ({ key, at: undefined, value: fromValue(field, inside) }))
  return { kind: "mapping", at: undefined, pairs, made: value }
}

/** What a program made, if that is where the tree is from. */
export const made = (tree: Tree): unknown =>
  tree.kind === "scalar" ? tree.value : tree.kind === "mapping" ? tree.made : undefined

/**
 * The place of a path: of a pair's key where the path ends in a mapping and `of` says so, else of the value; of the nearest part
 * above where the path isn't there.
 */
export const locate = (tree: Tree, path: ReadonlyArray<PropertyKey>, of: "key" | "value"): Place | undefined => {
  const [step, ...rest] = path
  if (step === undefined) return tree.at
  if (tree.kind === "list") {
    const item = tree.items[Number(step)]
    return item === undefined ? tree.at : (locate(item, rest, of) ?? tree.at)
  }
  const found = pair(tree, String(step))
  if (found === undefined) return tree.at
  return rest.length === 0 && of === "key" ? (found.at ?? tree.at) : (locate(found.value, rest, of) ?? found.at ?? tree.at)
}
