import { describe, expect, it } from "@effect/vitest"
import * as Page from "./Page.js"

const markdown = [
  "# Title",
  "<!-- before: npx spool init -->",
  "```ts",
  "// src/a.ts",
  "export {}",
  "```",
  "```sh",
  "npx spool run",
  "```",
  "```text",
  "✓ done",
  "```",
  "```ts",
  "nobody looks at me",
  "```"
].join("\n")

describe("Page", () => {
  it("reads what every block is for, and names those that no test would touch", () => {
    const page = Page.parse("docs/guide/a.md", markdown)
    expect(page.blocks).toEqual([
      { _tag: "Commands", script: "npx spool init", line: 2 },
      { _tag: "File", path: "src/a.ts", contents: "// src/a.ts\nexport {}\n", line: 3 },
      { _tag: "Commands", script: "npx spool run\n", line: 7 },
      { _tag: "Output", text: "✓ done\n", line: 10 }
    ])
    expect(page.strays).toEqual(["docs/guide/a.md:13"])
  })

  it("finds what a page promises among what was printed", () => {
    const printed = "one\n  two (0.3 s)\nthree\n"
    expect(Page.missing("one\ntwo (… s)\n…\nthree", printed)).toBeUndefined()
    expect(Page.missing("three\none", printed)).toBe("one")
    expect(Page.missing("two", printed)).toBe("two")
  })
})
