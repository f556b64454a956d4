import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import { ExitCode } from "../../ExitCode.js"
import * as NewPlugin from "./NewPlugin.js"

describe("NewPlugin", () => {
  it.scoped("writes a package into a new folder, and never over somebody's files", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = join(yield* fs.makeTempDirectoryScoped(), "there", "loud")
      const made = yield* NewPlugin.write("@me/loudest-part", folder)
      expect(made.name.package).toBe("@me/loudest-part")
      for (const file of made.files) expect(yield* fs.exists(join(folder, file))).toBe(true)
      yield* fs.writeFileString(join(folder, "src/LoudestPart.ts"), "mine")
      const refused = yield* Effect.flip(NewPlugin.write("@me/loudest-part", folder))
      expect([refused.code, refused.message]).toEqual([ExitCode.usage, `${folder} is not empty.`])
      expect(yield* fs.readFileString(join(folder, "src/LoudestPart.ts"))).toBe("mine")
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.effect("refuses a name that npm or TypeScript would refuse", () =>
    Effect.gen(function* () {
      const refused = yield* Effect.flip(NewPlugin.write("Loud Part", "/nowhere"))
      expect(refused).toMatchObject({
        code: ExitCode.usage,
        message: expect.stringContaining("'Loud Part' is not a valid plugin name")
      })
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it("uses the package manager that its user uses", () => {
    expect(NewPlugin.manager("pnpm/10.34.9 npm/? node/v20.20.2 linux x64")).toBe("pnpm")
    expect(NewPlugin.manager("npm/11.0.0 node/v20.20.2 linux x64 workspaces/false")).toBe("npm")
    expect(NewPlugin.manager("")).toBe("npm")
  })
})
