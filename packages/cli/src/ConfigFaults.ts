import type { ConfigError, Fault } from "@mediaspool/core"
import { Effect } from "effect"
import { Ended, ExitCode } from "./ExitCode.js"
import { Output } from "./Output.js"
import { faultList } from "./render/FaultList.js"

/** Says everything that is wrong with a config, each with its place, and ends. */
export const say = (faults: ReadonlyArray<Fault.Fault>, help: string): Effect.Effect<never, Ended, Output> =>
  Effect.gen(function* () {
    const output = yield* Output
    yield* Effect.forEach(faults, (fault) => output.value({ type: "fault", ...fault }), { discard: true })
    yield* output.note(faultList(faults, help))
    return yield* new Ended({ code: ExitCode.config })
  })

export const refuse = ({ faults, help }: ConfigError): Effect.Effect<never, Ended, Output> => say(faults, help)
