import { describe, expect, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { hooks, place } from "./SharedModules.js"

/** A program that shares one module, then imports a package which has a copy of it beside itself. */
const program = `
import { register } from "node:module"
globalThis[Symbol.for(${JSON.stringify(place)})] = { kinds: { Sound: class Sound {}, default: undefined }, "kinds/Part": { one: 1 } }
register("data:text/javascript," + encodeURIComponent(process.env.HOOKS), {
  data: { exportsOf: { kinds: ["Sound", "default"], "kinds/Part": ["one"] }, own: "file:///nowhere/" }
})
const { Sound, one } = await import("plugin")
console.log(Sound === globalThis[Symbol.for(${JSON.stringify(place)})].kinds.Sound, one)
`

describe("shared modules", () => {
  it("are the running ones, even where a plugin has a copy beside it", () => {
    const folder = mkdtempSync(join(tmpdir(), "mediaspool-shared-"))
    const write = (path: string, text: string) => {
      mkdirSync(join(folder, path, ".."), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const manifest = (name: string) =>
      JSON.stringify({ name, type: "module", exports: { ".": "./index.js", "./Part": "./part.js" } })
    write("program.mjs", program)
    write("node_modules/plugin/package.json", manifest("plugin"))
    write("node_modules/plugin/index.js", 'export { Sound } from "kinds"\nexport { one } from "kinds/Part"\n')
    write("node_modules/plugin/node_modules/kinds/package.json", manifest("kinds"))
    write("node_modules/plugin/node_modules/kinds/index.js", "export class Sound {}\n")
    write("node_modules/plugin/node_modules/kinds/part.js", "export const one = 2\n")
    const { stderr, stdout } = spawnSync(process.execPath, ["program.mjs"], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, HOOKS: hooks }
    })
    rmSync(folder, { recursive: true, force: true })
    expect([stdout, stderr]).toEqual(["true 1\n", ""])
  })
})
