import { createResource, createSignal, For, Show } from "solid-js"
import { call, Problem } from "../api/ApiClient.js"
import { go } from "../layout/Route.js"
import { decimal, words } from "../words/Locale.js"

/** What sounds like a file; looked for when it is asked for. */
export const Alike = (props: { readonly id: number }) => {
  const [asked, setAsked] = createSignal<number>()
  const isAsked = () => asked() === props.id
  const [alike] = createResource(
    () => (isAsked() ? props.id : false),
    (id: number) => call("items", "alike", { path: { id } })
  )
  return (
    <section class="alike" aria-label={words().item.alike}>
      <Show
        when={isAsked()}
        fallback={
          <button type="button" class="button" onClick={() => setAsked(props.id)}>
            {words().item.alike}
          </button>
        }
      >
        <h3>{words().item.alike}</h3>
        <Show when={alike.loading}>
          <p class="muted">{words().loading} …</p>
        </Show>
        <Show when={alike.error instanceof Problem ? alike.error : undefined}>
          {(problem) => <p class="muted">{problem().message}</p>}
        </Show>
        <Show when={alike.error === undefined && alike.latest}>
          {(found) => (
            <ul class="history">
              <For each={found().rows} fallback={<li class="muted">{words().item.alikeNone}</li>}>
                {(row) => (
                  <li>
                    <button type="button" class="alike-file" onClick={() => go({ view: "library", item: row.id })}>
                      <bdi>{row.name}</bdi>
                    </button>
                    <span class="muted">{decimal(row.score, 2)}</span>
                  </li>
                )}
              </For>
            </ul>
          )}
        </Show>
      </Show>
    </section>
  )
}
