import { describe, expect, it } from "@effect/vitest"
import { Either } from "effect"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as PluginName from "./PluginName.js"
import * as Template from "./Template.js"

const files = Template.files(Either.getOrThrow(PluginName.parse("@me/loudest-part")))
const contents = (path: string) => files.find((file) => file.path === path)?.contents ?? ""
const workspace = fileURLToPath(new URL("../../../../../", import.meta.url))

describe("Template.files", () => {
  it("is a whole package under the new name", () => {
    expect(files.map(({ path }) => path)).toEqual([
      ".gitignore",
      "README.md",
      "package.json",
      "spool.yaml",
      "src/LoudestPart.test.ts",
      "src/LoudestPart.ts",
      "src/index.ts",
      "tsconfig.json",
      "vitest.config.ts"
    ])
    for (const { contents } of files) expect(contents).not.toMatch(/my-?stage|my-?package/i)
    expect(contents("src/LoudestPart.ts")).toContain('export const loudestPart = Stage.make({\n  name: "loudest-part",')
    expect(JSON.parse(contents("package.json"))).toMatchObject({ name: "@me/loudest-part", keywords: ["mediaspool-plugin"] })
  })

  it("asks for the versions that Mediaspool itself is tested with", () => {
    const catalog = new Map(
      [...readFileSync(`${workspace}pnpm-workspace.yaml`, "utf8").matchAll(/^ {2}"?([@\w/-]+)"?: (\d\S*)$/gm)].map((m) => [
        m[1],
        m[2]
      ])
    )
    const { version } = JSON.parse(readFileSync(`${workspace}packages/core/package.json`, "utf8"))
    const { devDependencies, peerDependencies } = JSON.parse(contents("package.json"))
    expect(Object.keys(peerDependencies)).toEqual(["@effect/platform", "@mediaspool/core", "@mediaspool/plugins", "effect"])
    for (const [name, range] of Object.entries({ ...devDependencies, ...peerDependencies }))
      expect([name, range]).toEqual([
        name,
        name.startsWith("@mediaspool/")
          ? `^${version}`
          : ["effect", "@effect/platform"].includes(name)
            ? `^${catalog.get(name)}`
            : catalog.get(name)
      ])
  })
})
