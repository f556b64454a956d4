import { For, Show } from "solid-js"
import type { Reply } from "../api/ApiClient.js"
import { count, words } from "../words/Locale.js"
import * as Tokens from "./Tokens.js"

interface Props {
  readonly facets: Reply<"library", "facets"> | undefined
  readonly query: string
  readonly change: (query: string) => void
}

const nameOf = (name: string): string => (name === "length" || name === "type" ? words().library.facet[name] : name)
const labels = (): Readonly<Record<string, string>> => words().library.facetLabels

/** Tags, lengths and types with their counts: a click adds one to the query, or takes it out. */
export const FacetList = (props: Props) => {
  const most = () => Math.max(1, ...(props.facets?.groups ?? []).flatMap(({ facets }) => facets.map((facet) => facet.count)))
  return (
    <div class="facets">
      <Show when={props.facets?.of === "library" && props.query.trim() !== ""}>
        <p class="muted facets-note">{words().library.facetsOfLibrary}</p>
      </Show>
      <For each={(props.facets?.groups ?? []).filter(({ facets }) => facets.length > 0)}>
        {(group) => (
          <div class="facet-group" role="group" aria-label={nameOf(group.name)}>
            <h3>
              <bdi>{nameOf(group.name)}</bdi>
            </h3>
            <ul>
              <For each={group.facets}>
                {(facet) => (
                  <li>
                    <button
                      type="button"
                      class="facet"
                      aria-pressed={Tokens.has(props.query, facet.query)}
                      onClick={() => props.change(Tokens.toggled(props.query, facet.query))}
                    >
                      <bdi class="facet-label">{labels()[facet.label] ?? facet.label}</bdi>
                      <span class="facet-count">{count(facet.count)}</span>
                      <span class="facet-bar" aria-hidden="true">
                        <span style={{ width: `${Math.max(1, (facet.count / most()) * 100)}%` }} />
                      </span>
                    </button>
                  </li>
                )}
              </For>
            </ul>
          </div>
        )}
      </For>
    </div>
  )
}
