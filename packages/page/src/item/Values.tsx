import { For, Show } from "solid-js"
import { decimal } from "../words/Locale.js"

const isList = (value: unknown): value is ReadonlyArray<unknown> => Array.isArray(value)
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
const LONGEST = 20

const one = (value: unknown): string =>
  typeof value === "number" ? decimal(value, 3) : typeof value === "string" || typeof value === "boolean" ? String(value) : "–"

/** What a stage gave, as it is: names and values, nested. */
export const Values = (props: { readonly value: unknown }) => (
  <Show
    when={isRecord(props.value)}
    fallback={
      <Show when={isList(props.value) && props.value.length > 0} fallback={<bdi>{one(props.value)}</bdi>}>
        <ul class="value-list">
          <For each={isList(props.value) ? props.value.slice(0, LONGEST) : []}>
            {(entry) => (
              <li>
                <Values value={entry} />
              </li>
            )}
          </For>
          <Show when={isList(props.value) && props.value.length > LONGEST}>
            <li>… {isList(props.value) ? props.value.length : 0}</li>
          </Show>
        </ul>
      </Show>
    }
  >
    <dl class="values">
      <For each={Object.entries(isRecord(props.value) ? props.value : {}).filter(([name]) => name !== "_tag")}>
        {([name, value]) => (
          <div>
            <dt>{name}</dt>
            <dd>
              <Values value={value} />
            </dd>
          </div>
        )}
      </For>
    </dl>
  </Show>
)
