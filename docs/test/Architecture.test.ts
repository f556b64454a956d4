import { describe, expect, it } from "@effect/vitest"
import { existsSync, readdirSync, readFileSync } from "node:fs"
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

/** The folders of the map, by the one that they lie in. */
const mapped = (): ReadonlyMap<string, ReadonlyArray<string>> => {
  const found = new Map<string, Array<string>>()
  let inside: Array<string> = []
  for (const line of (/```\n([\s\S]*?)```/.exec(page)?.[1] ?? "").split("\n")) {
    const [, indent = "", name] = /^( *)([\w./-]+)\/(?: |$)/.exec(line) ?? []
    if (name === undefined) continue
    if (indent !== "") inside.push(name)
    else found.set(name, (inside = []))
  }
  return found
}

describe("ARCHITECTURE.md", () => {
  it("maps the folders that are there", () => {
    const map = mapped()
    expect(map.size).toBeGreaterThan(10)
    for (const [place, names] of map) {
      const folders = readdirSync(join(root, place), { withFileTypes: true }).filter((entry) => entry.isDirectory())
      const there = folders.map(({ name }) => name)
      // The page and what isn't source are told of as wholes.
      if (/^packages\/(?!page)/.test(place)) expect({ place, names: [...names].sort() }).toEqual({ place, names: there.sort() })
      else expect(there).toEqual(expect.arrayContaining([...names]))
    }
  })

  it("follows values through files that are there", () => {
    const paths = /## Follow[^\n]*\n([\s\S]*?)\n## /.exec(page)?.[1] ?? ""
    const lines = paths.split("\n").filter((line) => line.startsWith("- **"))
    expect(lines).toHaveLength(5)
    const names = [...paths.matchAll(/`([\w-]+\/[\w./-]+)`/g)].map(([, name]) => name ?? "")
    expect(names.length).toBeGreaterThan(40)
    expect(names.filter((name) => !stands(name))).toEqual([])
  })
})
