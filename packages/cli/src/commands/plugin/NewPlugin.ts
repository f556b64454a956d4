import { FileSystem, Path } from "@effect/platform"
import { Effect, Either } from "effect"
import { spawn } from "node:child_process"
import { ExitCode } from "../../ExitCode.js"
import { Refused } from "../../Refused.js"
import * as PluginName from "./PluginName.js"
import * as Template from "./Template.js"

/** A plugin's folder, just written. */
export interface NewPlugin {
  readonly name: PluginName.PluginName
  /** Absolute. */
  readonly folder: string
  readonly files: ReadonlyArray<string>
}

const refuse = (code: ExitCode, message: string, help: string) => new Refused({ code, message, help })

const badName = (message: string) =>
  refuse(ExitCode.usage, message, "Example: `spool plugin new loudest-part` creates the folder loudest-part.")

/** Writes the template under a name, into a folder that is empty or not there. */
export const write = (text: string, into: string | undefined) =>
  Effect.gen(function* () {
    const name = yield* Either.mapLeft(PluginName.parse(text), badName)
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const folder = path.resolve(into ?? name.stage)
    const there = yield* Effect.orElseSucceed(fs.readDirectory(folder), () => [])
    if (there.length > 0)
      return yield* refuse(ExitCode.usage, `${folder} is not empty.`, "Choose another name, or another folder with --into.")
    const files = Template.files(name)
    yield* Effect.forEach(files, (file) => {
      const target = path.join(folder, file.path)
      return Effect.zipRight(
        fs.makeDirectory(path.dirname(target), { recursive: true }),
        fs.writeFileString(target, file.contents)
      )
    })
    return { name, folder, files: files.map((file) => file.path) } satisfies NewPlugin
  }).pipe(
    Effect.catchTags({
      BadArgument: (error) => refuse(ExitCode.failed, error.message, "Check the folder's permissions and free disk space."),
      SystemError: (error) => refuse(ExitCode.failed, error.message, "Check the folder's permissions and free disk space.")
    })
  )

const managers = ["npm", "pnpm", "yarn", "bun"] as const

/** The package manager that started this process, which is the one that its user likes; npm otherwise. */
export const manager = (agent = process.env["npm_config_user_agent"]): (typeof managers)[number] =>
  managers.find((name) => agent?.startsWith(`${name}/`)) ?? "npm"

/** Installs what the new plugin needs. The manager's own words go to stderr: stdout is for the command's answer. */
export const install = (folder: string): Effect.Effect<void, Refused> =>
  Effect.async((resume) => {
    const child = spawn(manager(), ["install"], { cwd: folder, stdio: ["inherit", 2, 2], shell: process.platform === "win32" })
    const failed = refuse(
      ExitCode.failed,
      `\`${manager()} install\` failed in ${folder}.`,
      "The files were written; fix what npm reports, then install again."
    )
    child.on("error", () => resume(failed))
    child.on("exit", (code) => resume(code === 0 ? Effect.void : failed))
    return Effect.sync(() => void (child.pid === undefined || child.kill()))
  })
