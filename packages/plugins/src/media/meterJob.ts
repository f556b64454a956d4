import type { Measured } from "../meters/Meter.js"
import type { MeterSpec } from "../meters/MeterRun.js"
import type { MeterJob } from "../meters/WavMeterRun.js"
import type { SoundPass } from "./DecodePass.js"
import type { RequestOutcome } from "./JobOutcome.js"

const specsOf = ({ handler: { end } }: SoundPass["handlers"][number]): ReadonlyArray<MeterSpec> =>
  end._tag === "Meters" ? end.specs : []

/**
 * What is to be measured in a pass; `undefined` where nothing is.
 *
 * @param duration of the whole input, in seconds
 */
export const meterJob = (pass: SoundPass, duration: number): MeterJob | undefined => {
  const specs = pass.handlers.flatMap(specsOf)
  return specs.length === 0
    ? undefined
    : {
        specs,
        codec: pass.stream.codec,
        seconds: duration,
        startSeconds: pass.startSeconds,
        ...(pass.hasPicture ? { wholeSeconds: duration } : {})
      }
}

/** What came of the requests that were measured, by their places: numbers, or the file that a meter wrote. */
export const meteredOutcomes = (
  pass: SoundPass,
  measured: ReadonlyArray<Measured>
): ReadonlyArray<readonly [place: number, outcome: RequestOutcome]> => {
  let taken = 0
  return pass.handlers.flatMap((one): ReadonlyArray<readonly [number, RequestOutcome]> => {
    if (one.handler.end._tag !== "Meters") return []
    const own = measured.slice(taken, (taken += specsOf(one).length))
    if (one.handler.answer._tag !== "FromMeasured") return [[one.place, { _tag: "File" }]]
    const values = Object.fromEntries(own.flatMap(({ values }) => Object.entries(values)))
    return [[one.place, { _tag: "Measured", values, rows: own.flatMap(({ rows }) => rows) }]]
  })
}
