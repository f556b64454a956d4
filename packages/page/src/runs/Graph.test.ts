import { describe, expect, it } from "vitest"
import { place, slowest } from "./Graph.js"

const node = (name: string, ...inputs: ReadonlyArray<string>) => ({ name, inputs })
const sounds = [
  node("ingest"),
  node("probe", "ingest"),
  node("copy", "ingest"),
  node("caption", "copy"),
  node("persist", "probe", "caption")
]

describe("a pipeline's graph", () => {
  it("has each stage right of what it waits for, and no two in one place", () => {
    const placed = place(sounds)
    expect(placed.map(({ column, node, row }) => [node.name, column, row])).toEqual([
      ["ingest", 0, 0],
      ["probe", 1, 1],
      ["copy", 1, 0],
      ["caption", 2, 0],
      ["persist", 3, 0]
    ])
  })

  it("leaves the way free for a line that passes other columns", () => {
    const placed = place([
      ...sounds.slice(0, 4),
      node("emotion", "copy"),
      node("acoustic", "ingest"),
      node("persist", "acoustic", "emotion")
    ])
    const at = (name: string) => placed.find(({ node }) => node.name === name)
    const row = at("acoustic")?.row
    expect(
      placed.filter(({ column, node }) => node.name !== "acoustic" && column >= 1 && column <= 2).map(({ row }) => row)
    ).not.toContain(row)
  })

  it("marks the way to the stage with most work left", () => {
    expect([...slowest(sounds, (name) => ({ caption: 9, copy: 5, probe: 1 })[name] ?? 0)]).toEqual(["caption", "copy", "ingest"])
    expect([...slowest(sounds, () => 0)]).toEqual([])
  })
})
