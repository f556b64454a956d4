import type { StateFolder } from "@mediaspool/core"
import { type Duration, Effect } from "effect"
import { spawn } from "node:child_process"
import * as Child from "./ChildProcess.js"
import { MediaError } from "./MediaError.js"

/** What a program left when it ended. */
export interface Ended {
  /** `undefined` when a signal ended it. */
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** Bytes of output that are kept: a file's tags may be as large as the file. */
const KEPT = 8_388_608

/** Runs a program to its end, without a shell and with next to no environment. Interruption ends it. */
export const run = (
  program: string,
  parameters: ReadonlyArray<string>,
  limit: Duration.DurationInput,
  /** Of the output; with `latin1` each byte is a character. */
  encoding: "utf8" | "latin1" = "utf8"
): Effect.Effect<Ended, MediaError, StateFolder> =>
  Effect.scoped(
    Effect.gen(function* () {
      const child = yield* Child.scoped(() =>
        spawn(program, parameters, { ...Child.options(), stdio: ["ignore", "pipe", "pipe"] })
      )
      return yield* Effect.async<Ended, MediaError>((resume) => {
        const output = { stdout: "", stderr: "" }
        for (const name of ["stdout", "stderr"] as const)
          child[name].setEncoding(name === "stdout" ? encoding : "utf8").on("data", (text: string) => {
            if (output[name].length < KEPT) output[name] += text
          })
        child.on("error", (cause) =>
          resume(Effect.fail(new MediaError({ code: "EngineMissing", detail: `${program} can't be started: ${cause.message}` })))
        )
        child.on("close", (code) => resume(Effect.succeed({ ...output, code: code ?? undefined })))
      })
    })
  ).pipe(
    Effect.timeoutFail({
      duration: limit,
      onTimeout: () => new MediaError({ code: "EngineTimedOut", detail: `${program} took too long` })
    })
  )
