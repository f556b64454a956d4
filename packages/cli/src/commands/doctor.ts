import * as Command from "@effect/cli/Command"
import { Effect } from "effect"
import { Ended, ExitCode } from "../ExitCode.js"
import { Output, paint } from "../output/Output.js"
import * as options from "./options.js"

const mark = { ok: paint.green("✓"), warning: paint.yellow("!"), problem: paint.red("✗") }

export const doctor = Command.make("doctor", { json: options.json, config: options.config }, ({ config, json }) =>
  Effect.gen(function* () {
    const output = yield* Output
    const { examine } = yield* Effect.promise(() => import("./doctor/Examination.js"))
    const findings = yield* examine(config)
    const width = Math.max(...findings.map(({ name }) => name.length))
    for (const finding of findings) {
      yield* output.value({ type: "finding", ...finding })
      if (json) continue
      const { detail, help, name, status } = finding
      yield* output.print(
        `${mark[status]} ${name.padEnd(width)}  ${detail}${help === undefined ? "" : `\n${" ".repeat(width + 4)}${help}`}`
      )
    }
    if (findings.some(({ status }) => status === "problem")) return yield* new Ended({ code: ExitCode.config })
  }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Check Node, the media engine, the config, the state folder and the disk"))
