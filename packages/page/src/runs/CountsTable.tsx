import { For } from "solid-js"
import type { Runs } from "../api/Live.js"
import { count, words } from "../words/Locale.js"
import * as Graph from "./Graph.js"

/** The numbers of the graph as a table: for screen readers, and for whoever wants them exactly. */
export const CountsTable = (props: { readonly pipeline: Runs["pipelines"][number] }) => (
  <details class="counts">
    <summary>{words().run.table}</summary>
    <table>
      <thead>
        <tr>
          <th scope="col">{words().run.planStage}</th>
          <th scope="col">{words().run.node.queued}</th>
          <th scope="col">{words().run.node.running}</th>
          <th scope="col">{words().run.node.done}</th>
          <th scope="col">{words().run.node.known}</th>
          <th scope="col">{words().run.node.skipped}</th>
          <th scope="col">{words().run.node.failed}</th>
          <th scope="col">{words().run.node.waiting}</th>
        </tr>
      </thead>
      <tbody>
        <For each={props.pipeline.nodes}>
          {(node) => {
            const counts = () => props.pipeline.run?.nodes[node.name] ?? Graph.NO_COUNTS
            return (
              <tr>
                <th scope="row">{node.name}</th>
                <td>{count(counts().queued)}</td>
                <td>{count(counts().running)}</td>
                <td>{count(counts().ran)}</td>
                <td>{count(counts().cached)}</td>
                <td>{count(counts().skipped)}</td>
                <td>{count(counts().failed)}</td>
                <td>{count(counts().waiting)}</td>
              </tr>
            )
          }}
        </For>
      </tbody>
    </table>
  </details>
)
