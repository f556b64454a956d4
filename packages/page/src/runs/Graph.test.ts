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
      ["probe", 1, 0],
      ["copy", 1, 1],
      ["caption", 2, 0],
      ["persist", 3, 0]
    ])
  })

  it("marks the way to the stage with most work left", () => {
    expect([...slowest(sounds, (name) => ({ caption: 9, copy: 5, probe: 1 })[name] ?? 0)]).toEqual(["caption", "copy", "ingest"])
    expect([...slowest(sounds, () => 0)]).toEqual([])
  })
})
