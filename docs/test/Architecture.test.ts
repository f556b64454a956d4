import { describe, expect, it } from "@effect/vitest"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../../", import.meta.url))
const page = readFileSync(join(root, "ARCHITECTURE.md"), "utf8")

/** Where a name of the page may stand: below a package's sources, or with the package before it. */
const places = (name: string): ReadonlyArray<string> => {
  const [first, ...rest] = name.split("/")
  return [
    ...["core", "plugins", "cli"].map((folder) => join(root, "packages", folder, "src", name)),
    join(root, "packages", first ?? "", "src", ...rest)
  ]
}
const stands = (name: string): boolean => places(name).some((place) => existsSync(place) || existsSync(`${place}.ts`))

describe("ARCHITECTURE.md", () => {
  it("follows values through files that are there", () => {
    const paths = /## Follow[^\n]*\n([\s\S]*?)\n## /.exec(page)?.[1] ?? ""
    const lines = paths.split("\n").filter((line) => line.startsWith("- **"))
    expect(lines).toHaveLength(5)
    const names = [...paths.matchAll(/`([\w-]+\/[\w./-]+)`/g)].map(([, name]) => name ?? "")
    expect(names.length).toBeGreaterThan(40)
    expect(names.filter((name) => !stands(name))).toEqual([])
  })
})
