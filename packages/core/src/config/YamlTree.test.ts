import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import { stringify } from "yaml"
import * as Tree from "./Tree.js"
import * as YamlTree from "./YamlTree.js"

const tree = (text: string) => Either.getOrThrow(YamlTree.parse(text))
const faults = (text: string) =>
  Either.match(YamlTree.parse(text), {
    onLeft: (faults) => faults.map(({ at, finding }) => `${at?.line}:${at?.column} ${finding.message}`),
    onRight: () => []
  })

describe("YamlTree", () => {
  it.prop("reads what was written", [fc.jsonValue()], ([value]) => {
    const plain: unknown = JSON.parse(JSON.stringify(value))
    fc.pre(!JSON.stringify(plain).includes("__proto__") && !JSON.stringify(plain).includes('"<<"'))
    expect(Tree.toValue(tree(stringify(plain)))).toEqual(plain)
  })

  it.prop("never throws", [fc.string()], ([text]) => {
    expect(Either.isEither(YamlTree.parse(text))).toBe(true)
  })

  it("keeps the order of keys, integers too", () => {
    expect(Tree.pairs(tree("b: 1\n10: 2\na: 3\n2: 4")).map(({ key }) => key)).toEqual(["b", "10", "a", "2"])
  })

  it("knows the place of keys and values", () => {
    const config = tree("a:\n  b: [1,\n    {c: x}]")
    expect(Tree.locate(config, ["a", "b"], "key")).toEqual({ line: 2, column: 3 })
    expect(Tree.locate(config, ["a", "b"], "value")).toEqual({ line: 2, column: 6 })
    expect(Tree.locate(config, ["a", "b", 1, "c"], "value")).toEqual({ line: 3, column: 9 })
    expect(Tree.locate(config, ["a", "b", 1, "missing"], "value")).toEqual({ line: 3, column: 5 })
  })

  it("resolves aliases and merges mappings, the own key first", () => {
    expect(Tree.toValue(tree("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: *a\nd: {<<: [{y: 5}, *a]}"))).toEqual({
      a: { x: 1, y: 2 },
      b: { x: 1, y: 3 },
      c: { x: 1, y: 2 },
      d: { y: 5, x: 1 }
    })
  })

  it("takes the anchor above the alias", () => {
    expect(Tree.toValue(tree("a: &a 1\nb: *a\nc: &a 2\nd: *a"))).toEqual({ a: 1, b: 1, c: 2, d: 2 })
  })

  it("refuses a flood of aliases", () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) =>
        `l${i}: &l${i} [${Array(9)
          .fill(i === 0 ? "x" : `*l${i - 1}`)
          .join(",")}]`
    )
    expect(faults(levels.join("\n"))).toEqual([expect.stringContaining("its aliases multiply")])
  })

  it("refuses an alias in itself, and one without an anchor", () => {
    expect(faults("a: &a [*a]")).toEqual(["1:8 the alias '*a' stands in itself"])
    expect(faults("a: *b")).toHaveLength(1)
  })

  it("refuses what would change JavaScript's objects", () => {
    expect(faults("a:\n  __proto__: {x: 1}")).toEqual(["2:3 the key '__proto__' is not allowed"])
  })

  it("refuses duplicate keys, several documents, unknown tags and bad syntax, with their places", () => {
    expect(faults("a: 1\na: 2")).toEqual(["2:1 this key is there already"])
    expect(faults("a: 1\n---\nb: 2")).toEqual(["2:1 a config is one document: what stands after '---' isn't read"])
    expect(faults("a: !env X")).toEqual([expect.stringMatching(/^1:4 .*!env/)])
    expect(faults("a: [1")).toEqual([expect.stringMatching(/^1:6 /)])
  })

  it("survives depths that no person writes", () => {
    for (const text of ["[".repeat(5_000), "{a: ".repeat(5_000), "- ".repeat(5_000), "? ".repeat(5_000)])
      expect(faults(text).length).toBeGreaterThan(0)
  })
})
