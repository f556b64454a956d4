import { Fault } from "@mediaspool/core"
import { paint } from "../Output.js"
import { counted } from "./Quantity.js"
import { inline, place } from "./Text.js"

/** Every fault of a config with its place, in the form that editors make clickable, and what to do. */
export const faultList = (faults: ReadonlyArray<Fault.Fault>, help: string): string =>
  [
    ...faults.map((fault) => `${paint.red("✗")} ${inline(Fault.render(fault, place))}`),
    `${faults.length > 1 ? `${counted(faults.length, "fault")}. ` : ""}${help}`
  ].join("\n")
