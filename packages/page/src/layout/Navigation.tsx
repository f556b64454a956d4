import { createEffect, For, on, Show } from "solid-js"
import * as Live from "../api/Live.js"
import { briefly, count, language, names, setLanguage, words } from "../words/Locale.js"
import { go, href, route, type View, views } from "./Route.js"
import * as Theme from "./Theme.js"

const label = (view: View): string => {
  const overview = Live.overview()
  if (overview === undefined) return ""
  const { counts } = overview
  if (view === "library") return counts.files > 0 ? briefly(counts.files) : ""
  if (view === "review") return counts.review > 0 ? briefly(counts.review) : ""
  if (view === "duplicates") return counts.duplicates > 0 ? briefly(counts.duplicates) : ""
  if (view === "failures") return counts.failures > 0 ? briefly(counts.failures) : ""
  return progress()
}

/** How far the runs that go on are, together. */
const progress = (): string => {
  const running = (Live.runs()?.pipelines ?? []).flatMap(({ run }) => (run?.outcome === "running" ? [run] : []))
  if (running.length === 0) return ""
  const done = running.reduce((sum, { items }) => sum + items.total, 0)
  const expected = running.map(({ expected }) => expected)
  if (expected.some((files) => files === null)) return `● ${count(done)}`
  const all = expected.reduce<number>((sum, files) => sum + (files ?? 0), 0)
  return `● ${all === 0 ? 0 : Math.min(100, Math.floor((done / all) * 100))} %`
}

/** Where one is, and what waits there. */
export const Navigation = () => {
  let bar: HTMLElement | undefined
  // On a narrow screen the views stand in a row that scrolls.
  createEffect(
    on(
      () => route().view,
      () => bar?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" })
    )
  )
  return (
    <header class="nav" ref={bar}>
      <h1 class="nav-title">{words().app}</h1>
      <nav aria-label={words().app}>
        <For each={views}>
          {(view) => (
            <a
              class="nav-link"
              href={href({ view, query: "", sort: "best", item: undefined, reason: undefined })}
              aria-current={route().view === view ? "page" : undefined}
              onClick={(event) => {
                if (event.metaKey || event.ctrlKey || event.shiftKey) return
                event.preventDefault()
                go({ view })
              }}
            >
              <span>{words().views[view]}</span>
              <Show when={label(view) !== ""}>
                <span class="nav-count">{label(view)}</span>
              </Show>
            </a>
          )}
        </For>
      </nav>
      <div class="nav-foot">
        <label>
          <span class="sr">{words().theme.label}</span>
          <select
            value={Theme.choice()}
            onChange={({ currentTarget: { value } }) => Theme.choose(value === "light" || value === "dark" ? value : "system")}
          >
            <option value="system">{words().theme.system}</option>
            <option value="light">{words().theme.light}</option>
            <option value="dark">{words().theme.dark}</option>
          </select>
        </label>
        <label>
          <span class="sr">{words().language}</span>
          <select value={language()} onChange={({ currentTarget: { value } }) => setLanguage(value === "zh" ? "zh" : "en")}>
            <For each={names}>
              {([code, name]) => (
                <option value={code} lang={code}>
                  {name}
                </option>
              )}
            </For>
          </select>
        </label>
      </div>
    </header>
  )
}
