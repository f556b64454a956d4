import { createSignal, For, Show } from "solid-js"
import { call, type Reply } from "../api/ApiClient.js"
import { Icon } from "../layout/Icon.js"
import { useKeys } from "../layout/Keys.js"
import { count, words } from "../words/Locale.js"
import * as Tokens from "./Tokens.js"

interface Props {
  readonly query: string
  readonly change: (query: string) => void
  readonly leave: () => void
}

/** The one field for the query: what it holds is the truth, and the address. Words with a field are shown as chips behind the text. */
export const QueryField = (props: Props) => {
  let input: HTMLInputElement | undefined
  let asked: AbortController | undefined
  const [suggestions, setSuggestions] = createSignal<Reply<"library", "suggest">>([])
  const [active, setActive] = createSignal(-1)
  useKeys({ "/": () => (input?.focus(), input?.select()) })

  const suggest = async () => {
    asked?.abort()
    const abort = (asked = new AbortController())
    const token = Tokens.at(input?.value ?? "", input?.selectionStart ?? 0)
    if (token === undefined || token.text.startsWith('"')) return setSuggestions([])
    try {
      const next = await call("library", "suggest", { urlParams: { word: token.text }, signal: abort.signal })
      // What was gone to stays chosen while it fits: letters that were typed before may be answered after.
      const chosen = suggestions()[active()]?.insert
      setSuggestions(next)
      setActive(next.findIndex(({ insert }) => insert === chosen))
    } catch {
      if (!abort.signal.aborted) setSuggestions([])
    }
  }
  const take = (insert: string) => {
    if (input === undefined) return
    const token = Tokens.at(input.value, input.selectionStart ?? 0)
    const start = token?.start ?? input.value.length
    const end = token?.end ?? input.value.length
    const space = insert.endsWith(":") ? "" : " "
    props.change(`${input.value.slice(0, start)}${insert}${space}${input.value.slice(end).trimStart()}`)
    setSuggestions([])
    setActive(-1)
    input.focus()
    input.setSelectionRange(start + insert.length + space.length, start + insert.length + space.length)
    if (insert.endsWith(":")) void suggest()
  }
  const onKey = (event: KeyboardEvent) => {
    const list = suggestions()
    if (event.key === "ArrowDown" && list.length > 0) setActive((active() + 1) % list.length)
    else if (event.key === "ArrowUp" && list.length > 0)
      setActive((active() + list.length - 1 + (active() < 0 ? 1 : 0)) % list.length)
    else if ((event.key === "Enter" || event.key === "Tab") && list[active()] !== undefined) take(list[active()]?.insert ?? "")
    else if (event.key === "Escape" && list.length > 0) setSuggestions([])
    else if (event.key === "Escape" || event.key === "Enter" || (event.key === "ArrowDown" && list.length === 0)) {
      setSuggestions([])
      props.leave()
    } else return
    event.preventDefault()
  }
  return (
    <div class="query" role="search">
      <div class="query-chips" aria-hidden="true">
        <For each={Tokens.tokens(props.query)}>
          {(token, i) => (
            <>
              {props.query.slice(Tokens.tokens(props.query)[i() - 1]?.end ?? 0, token.start)}
              <span classList={{ chip: token.isChip }}>{token.text}</span>
            </>
          )}
        </For>
      </div>
      <input
        ref={input}
        type="search"
        class="query-input"
        role="combobox"
        spellcheck={false}
        autocomplete="off"
        maxlength={2000}
        aria-label={words().library.query}
        aria-expanded={suggestions().length > 0}
        aria-controls="suggestions"
        aria-autocomplete="list"
        aria-activedescendant={active() >= 0 ? `suggestion-${active()}` : undefined}
        placeholder={words().library.hint}
        value={props.query}
        onInput={({ currentTarget }) => {
          props.change(currentTarget.value)
          void suggest()
        }}
        onKeyDown={onKey}
        onBlur={() => setTimeout(() => setSuggestions([]), 150)}
      />
      <Show when={props.query !== ""}>
        <button
          type="button"
          class="icon-button query-clear"
          aria-label={words().library.clear}
          onClick={() => (props.change(""), input?.focus())}
        >
          <Icon name="close" />
        </button>
      </Show>
      <ul
        id="suggestions"
        class="suggestions"
        role="listbox"
        aria-label={words().library.query}
        hidden={suggestions().length === 0}
      >
        <For each={suggestions()}>
          {(suggestion, i) => (
            <li
              id={`suggestion-${i()}`}
              role="option"
              aria-selected={active() === i()}
              onPointerDown={(event) => {
                event.preventDefault()
                take(suggestion.insert)
              }}
            >
              <bdi>{suggestion.label}</bdi>
              <Show when={suggestion.count !== null}>
                <span class="muted">{count(suggestion.count ?? 0)}</span>
              </Show>
            </li>
          )}
        </For>
      </ul>
    </div>
  )
}
