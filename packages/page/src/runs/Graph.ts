/** A node and where it comes from. */
export interface GraphNode {
  readonly name: string
  readonly inputs: ReadonlyArray<string>
}

/** Of a node that no file of the run has reached. */
export const NO_COUNTS = { queued: 0, running: 0, ran: 0, cached: 0, skipped: 0, failed: 0, waiting: 0 }

/** Where a node stands: a column from the left, a row from the top. */
export interface Placed<A extends GraphNode> {
  readonly node: A
  readonly column: number
  readonly row: number
}

/**
 * Puts each node one column right of the last one that it waits for; columns are filled from the top. What isn't needed in the next
 * column stands below everything that its line to a later one passes.
 */
export const place = <A extends GraphNode>(nodes: ReadonlyArray<A>): ReadonlyArray<Placed<A>> => {
  const columns = new Map<string, number>()
  for (const { inputs, name } of nodes) columns.set(name, Math.max(-1, ...inputs.map((input) => columns.get(input) ?? -1)) + 1)
  const columnOf = (name: string) => columns.get(name) ?? 0
  /** The first column that needs it. */
  const neededIn = ({ name }: A): number =>
    Math.min(...nodes.filter(({ inputs }) => inputs.includes(name)).map((node) => columnOf(node.name)), Infinity)
  const isFar = (node: A): boolean => Number.isFinite(neededIn(node)) && neededIn(node) > columnOf(node.name) + 1
  const filled = new Map<number, number>()
  const rows = new Map<string, number>()
  for (const node of [...nodes.filter((one) => !isFar(one)), ...nodes.filter(isFar)]) {
    const column = columnOf(node.name)
    const passed = isFar(node) ? Array.from({ length: neededIn(node) - column }, (_, i) => column + i) : [column]
    const row = Math.max(...passed.map((one) => filled.get(one) ?? 0))
    rows.set(node.name, row)
    for (const one of passed) filled.set(one, row + 1)
  }
  return nodes.map((node) => ({ node, column: columnOf(node.name), row: rows.get(node.name) ?? 0 }))
}

/** The nodes on the way that holds the others up: from the one with most work left, back to the beginning. */
export const slowest = (nodes: ReadonlyArray<GraphNode>, left: (name: string) => number): ReadonlySet<string> => {
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const [last] = [...nodes].sort((a, b) => left(b.name) - left(a.name))
  const path = new Set<string>()
  for (let at = last !== undefined && left(last.name) > 0 ? last : undefined; at !== undefined && !path.has(at.name);) {
    path.add(at.name)
    const [next] = [...at.inputs].sort((a, b) => left(b) - left(a))
    at = next === undefined ? undefined : byName.get(next)
  }
  return path
}
