import { createMemo, For, Show } from "solid-js"
import type { Runs } from "../api/Live.js"
import { count, words } from "../words/Locale.js"
import * as Graph from "./Graph.js"

type Pipeline = Runs["pipelines"][number]

interface Place {
  readonly column: number
  readonly row: number
}

const WIDTH = 150
const HEIGHT = 62
const GAP_X = 34
const GAP_Y = 14

/** The pipeline from left to right: a node a stage, with what has become of the files there. */
export const PipelineGraph = (props: { readonly pipeline: Pipeline }) => {
  const placed = createMemo(() => Graph.place(props.pipeline.nodes))
  const at = (name: string) => placed().find(({ node }) => node.name === name)
  const width = () => Math.max(1, ...placed().map(({ column }) => column + 1)) * (WIDTH + GAP_X) - GAP_X
  const height = () => Math.max(1, ...placed().map(({ row }) => row + 1)) * (HEIGHT + GAP_Y) - GAP_Y
  const counts = (name: string) => props.pipeline.run?.nodes[name] ?? Graph.NO_COUNTS
  const ended = (name: string) => {
    const { cached, failed, ran, skipped, waiting } = counts(name)
    return ran + cached + skipped + failed + waiting
  }
  /** Files of the run; what a paused one has begun and put back was there too. */
  const all = () => {
    const { expected, inFlight, items } = props.pipeline.run ?? { expected: 0, inFlight: 0, items: { total: 0 } }
    return Math.max(expected ?? items.total + inFlight, ...props.pipeline.nodes.map(({ name }) => ended(name)))
  }
  const isRunning = () => props.pipeline.run?.outcome === "running"
  const slow = createMemo(() =>
    isRunning() ? Graph.slowest(props.pipeline.nodes, (name) => Math.max(0, all() - ended(name))) : new Set<string>()
  )
  const x = (column: number) => column * (WIDTH + GAP_X)
  const y = (row: number) => row * (HEIGHT + GAP_Y)
  /** Straight past what stands between, then to its end in the last gap. */
  const edge = (from: Place, to: Place) => {
    const [start, end] = [x(from.column) + WIDTH, x(to.column)]
    const [above, below] = [y(from.row) + HEIGHT / 2, y(to.row) + HEIGHT / 2]
    return `M${start} ${above} H${end - GAP_X} C${end} ${above} ${end - GAP_X} ${below} ${end} ${below}`
  }
  const share = (part: number) => (all() === 0 ? 0 : Math.min(1, part / all())) * (WIDTH - 20)
  return (
    <div class="graph" role="img" aria-label={words().run.graph(props.pipeline.name)} tabindex="0">
      <svg width={width() + 2} height={height() + 2} viewBox={`-1 -1 ${width() + 2} ${height() + 2}`} aria-hidden="true">
        <For each={placed()}>
          {({ column, node, row }) => (
            <For each={node.inputs}>
              {(input) => (
                <Show when={at(input)}>
                  {(from) => (
                    <path
                      class="edge"
                      classList={{ "edge-slow": slow().has(node.name) && slow().has(input) }}
                      d={edge(from(), { column, row })}
                    />
                  )}
                </Show>
              )}
            </For>
          )}
        </For>
        <For each={placed()}>
          {({ column, node, row }) => (
            <g transform={`translate(${x(column)} ${y(row)})`} class="node" classList={{ "node-slow": slow().has(node.name) }}>
              <title>{node.summary}</title>
              <rect width={WIDTH} height={HEIGHT} rx="6" />
              <text x="10" y="20" class="node-name">
                {node.name}
              </text>
              <text x="10" y="38" class="node-counts">
                {count(ended(node.name))}
                <Show when={isRunning() && counts(node.name).running > 0}> · ▸ {count(counts(node.name).running)}</Show>
                <Show when={counts(node.name).failed > 0}> · ✗ {count(counts(node.name).failed)}</Show>
                <Show when={counts(node.name).waiting > 0}> · ⏸ {count(counts(node.name).waiting)}</Show>
              </text>
              <rect x="10" y="48" width={WIDTH - 20} height="4" rx="2" class="node-track" />
              <rect x="10" y="48" width={share(ended(node.name))} height="4" rx="2" class="node-done" />
              <Show when={isRunning() && counts(node.name).running > 0}>
                <rect
                  x={10 + share(ended(node.name))}
                  y="48"
                  width={Math.min(WIDTH - 20 - share(ended(node.name)), Math.max(3, share(counts(node.name).running)))}
                  height="4"
                  rx="2"
                  class="node-running"
                />
              </Show>
              <Show when={counts(node.name).waiting > 0}>
                <rect
                  x={10 + share(ended(node.name) - counts(node.name).waiting)}
                  y="48"
                  width={Math.max(3, share(counts(node.name).waiting))}
                  height="4"
                  rx="2"
                  class="node-waiting"
                />
              </Show>
              <Show when={counts(node.name).failed > 0}>
                <rect x="10" y="48" width={Math.max(3, share(counts(node.name).failed))} height="4" rx="2" class="node-failed" />
              </Show>
            </g>
          )}
        </For>
      </svg>
    </div>
  )
}
