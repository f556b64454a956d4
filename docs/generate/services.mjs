import { behaviours } from "@mediaspool/emulator"
import { ModelError } from "@mediaspool/plugins"
import { code, page, table } from "./markdown.mjs"

const bill = { no: "nothing", yes: "the answer", perhaps: "perhaps: see `onAmbiguous`" }
const met = {
  now: "tried again, as the node's `retry` says",
  later: "the item waits; tried again by itself",
  never: "remembered until `spool requeue`"
}

const outcome = (name) => {
  if (name === undefined) return ""
  if (name === "answer") return "answer kept"
  return `${code(name)}: ${met[ModelError.reasons[name].retry]}`
}

/** What a model's service may do, and what comes of it. A test does each to every protocol. */
export const services = () => {
  const stages = [...new Set(behaviours.map(({ stage }) => stage))]
  const section = (stage) =>
    [
      `## ${stage[0].toUpperCase()}${stage.slice(1)}`,
      table(
        ["what the service does", "streamed", "at once", "what is paid", "emulator"],
        behaviours
          .filter((one) => one.stage === stage)
          .map(({ atOnce, billed, does, fault, streamed }) => [
            does,
            outcome(streamed),
            atOnce === streamed ? "the same" : outcome(atOnce),
            bill[billed],
            code(fault.kind)
          ])
      )
    ].join("\n\n")
  return page(
    "What a model's service may do",
    "Each row holds for both of DashScope's protocols, and for servers like vLLM and SGLang; a test does it to each of them. " +
      "An answer that is whole is kept, however its connection ends. `spool emulator --fault` does the same to a pipeline of yours.",
    "Three clocks run for every request (`providers.<name>.timeouts`): `firstByte` from sending to the first byte, `idle` from then on between two pieces " +
      "that carry text, reasoning, usage or a finish reason, and `total` over all. They count only the time in which the command could read: " +
      "after a suspended laptop wakes up, answers that have arrived are read before anything is called late.",
    ...stages.map(section)
  )
}
