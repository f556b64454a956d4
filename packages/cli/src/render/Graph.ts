import { Plan } from "@mediaspool/core"

type Node = Plan.PlannedNode

/** Which nodes a node waits for, in the order of its ports, each once. */
const before = ({ inputs }: Node): ReadonlyArray<string> => [...new Set(Object.values(inputs).flat())]

const title = ({ name, stage }: Node): string => (stage.name === name ? name : `${name} (${stage.name})`)

/** A flowchart for Markdown pages, with the kinds on the arrows. */
export const mermaid = (plan: Plan.Plan): string => {
  // Own ids: a node may be called `end`, which Mermaid reads as its own word.
  const id = new Map([Plan.SOURCE, ...plan.nodes.map(({ name }) => name)].map((name, i) => [name, `n${i}`]))
  const kind = new Map(plan.nodes.map(({ name, stage }) => [name, stage.output._tag]))
  const arrows = plan.nodes.flatMap((node) =>
    before(node).map((from) => {
      const label = kind.get(from)
      return `  ${id.get(from)} -->${label === undefined ? "" : `|${label}|`} ${id.get(node.name)}`
    })
  )
  return [
    "flowchart LR",
    `  ${id.get(Plan.SOURCE)}([files])`,
    ...plan.nodes.map((node) => `  ${id.get(node.name)}["${title(node)}"]`),
    ...arrows
  ].join("\n")
}

/** A line a node, with what it takes and gives. */
export const text = (plan: Plan.Plan): string => {
  const width = Math.max(...plan.nodes.map((node) => title(node).length))
  const gives = Math.max(...plan.nodes.map(({ stage }) => stage.output._tag.length))
  return [
    plan.pipeline,
    ...plan.nodes.map((node) => {
      const from = before(node).map((name) => (name === Plan.SOURCE ? "files" : name))
      return `  ${title(node).padEnd(width)}  → ${node.stage.output._tag.padEnd(gives)}  ← ${from.join(", ")}`
    })
  ].join("\n")
}
