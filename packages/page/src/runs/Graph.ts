/** A node and where it comes from. */
export interface GraphNode {
  readonly name: string
  readonly inputs: ReadonlyArray<string>
}

/** Where a node stands: a column from the left, a row from the top. */
export interface Placed<A extends GraphNode> {
  readonly node: A
  readonly column: number
  readonly row: number
}

/** Puts each node one column right of the last one that it waits for; columns are filled from the top. */
export const place = <A extends GraphNode>(nodes: ReadonlyArray<A>): ReadonlyArray<Placed<A>> => {
  const columns = new Map<string, number>()
  const filled = new Map<number, number>()
  return nodes.map((node) => {
    const column = Math.max(-1, ...node.inputs.map((input) => columns.get(input) ?? -1)) + 1
    const row = filled.get(column) ?? 0
    columns.set(node.name, column)
    filled.set(column, row + 1)
    return { node, column, row }
  })
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
