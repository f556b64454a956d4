import { createEffect, createMemo, createResource, createSignal, For, on, onCleanup, Show } from "solid-js"
import * as Live from "../api/Live.js"
import { call } from "../api/ApiClient.js"
import { ItemPanel } from "../item/ItemPanel.js"
import { Icon } from "../layout/Icon.js"
import { useKeys } from "../layout/Keys.js"
import { Menu } from "../layout/Menu.js"
import { go, route } from "../layout/Route.js"
import * as Player from "../player/Player.js"
import { count, decimal, words } from "../words/Locale.js"
import * as Columns from "./Columns.js"
import { ExportMenu } from "./ExportMenu.js"
import { FacetList } from "./FacetList.js"
import { trackOf } from "./LibraryRow.js"
import { QueryField } from "./QueryField.js"
import { type Row, RowCache, type Sort } from "./RowCache.js"
import { RowList } from "./RowList.js"
import * as Tokens from "./Tokens.js"

const sorts: ReadonlyArray<Sort> = ["best", "newest", "name", "longest", "shortest", "largest"]

/** A query is asked for when one pauses in typing; much longer, and one waits for it. */
const TYPING_MILLIS = 80
/** While a run goes on the library changes all the time: the list follows at this pace. */
const FOLLOW_MILLIS = 2_000

export const LibraryView = () => {
  const [typed, setTyped] = createSignal(route().query)
  const [isFiltering, setFiltering] = createSignal(false)
  const [selected, setSelected] = createSignal(0)
  const sort = (): Sort => sorts.find((name) => name === route().sort) ?? "best"
  const asked = createMemo(() => new RowCache(route().query, sort()))
  createEffect(() => asked().want(0, 1))
  // What is there stays until the next query is answered: a list that is empty at every letter would flicker.
  const rows = createMemo<RowCache>((before) => {
    const next = asked()
    return next.total === undefined && next.problem === undefined && before?.total !== undefined ? before : next
  })
  const [facets, { refetch }] = createResource(
    () => route().query,
    (q) => call("library", "facets", { urlParams: { q } }).catch(() => undefined)
  )
  createEffect(
    on(
      () => route().query,
      (query) => query !== typed().trim() && setTyped(query),
      { defer: true }
    )
  )
  createEffect(on(rows, () => setSelected(0), { defer: true }))
  // The file that the address names is the one that keys act on.
  createEffect(
    on(
      () => rows().indexOf(route().item ?? 0),
      (index) => index !== undefined && setSelected(index)
    )
  )
  createEffect(
    on(
      typed,
      (text) => {
        if (Tokens.isUnfinished(text)) return
        const timer = setTimeout(() => go({ query: text.trim() }), TYPING_MILLIS)
        onCleanup(() => clearTimeout(timer))
      },
      { defer: true }
    )
  )
  let last = 0
  createEffect(
    on(
      Live.version,
      () => {
        const timer = setTimeout(
          () => {
            last = performance.now()
            void rows().refresh(Math.max(0, selected() - 30), selected() + 60)
            void refetch()
          },
          Math.max(0, last + FOLLOW_MILLIS - performance.now())
        )
        onCleanup(() => clearTimeout(timer))
      },
      { defer: true }
    )
  )

  const row = (): Row | undefined => rows().at(selected())
  const isOpen = () => route().item !== undefined
  /** The row that keys act on moves; what plays, or is open, moves with it. */
  const step = (by: number) => {
    const next = Math.min(Math.max(0, selected() + by), Math.max(0, (rows().total ?? 1) - 1))
    setSelected(next)
    rows().want(next, next + 3)
    const to = rows().at(next)
    if (to === undefined) return
    if (isOpen()) go({ item: to.id })
    if (Player.isPlaying()) Player.play(trackOf(to))
    const after = rows().at(next + Math.sign(by))
    if (after !== undefined && Player.track() !== undefined) Player.prepare(after.id)
  }
  Player.onEnded(() => {
    const before = selected()
    step(1)
    const next = row()
    // The list is played through, and ends at its end.
    if (next !== undefined && selected() !== before) Player.play(trackOf(next))
  })
  onCleanup(() => Player.onEnded(undefined))
  createEffect(() => {
    const at = rows()
      .known()
      .find(({ id }) => id === Player.track()?.id)
    if (at === undefined) return
    const next = rows().at(selected() + 1)
    if (next !== undefined && at.id === row()?.id) Player.prepare(next.id)
  })
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    PageDown: () => step(10),
    PageUp: () => step(-10),
    Home: () => step(-1e9),
    End: () => step(1e9),
    f: () => void setFiltering((now) => !now),
    " ": () => {
      const current = row()
      if (current === undefined) return false
      Player.toggle(trackOf(current))
    },
    Enter: () => {
      const current = row()
      if (current === undefined) return false
      go({ item: current.id })
    },
    Escape: () => (isOpen() ? go({ item: undefined }) : isFiltering() ? void setFiltering(false) : false)
  })
  const found = () => {
    const total = rows().total
    if (total === undefined) return ""
    const all = Live.overview()?.counts.files ?? total
    const hours = facets.latest?.hours
    const files =
      rows().query === "" ? words().library.files(count(total)) : words().library.found(count(total), count(Math.max(all, total)))
    return hours === null || hours === undefined || hours < 0.05 ? files : `${files} · ${words().library.hours(decimal(hours))}`
  }
  return (
    <div class="library" classList={{ "library-open": isOpen(), "library-filtering": isFiltering() }}>
      <h2 class="sr">{words().library.title}</h2>
      <div class="bar">
        <QueryField query={typed()} change={setTyped} leave={() => document.querySelector<HTMLElement>(".list")?.focus()} />
        <span class="found">{found()}</span>
        <label class="sort">
          <span class="sr">{words().library.sort}</span>
          <select value={sort()} onChange={({ currentTarget }) => go({ sort: currentTarget.value })}>
            <For each={sorts}>{(name) => <option value={name}>{words().library.sorts[name]}</option>}</For>
          </select>
        </label>
        <Menu label={words().library.columns} icon="sliders">
          <For each={Columns.columns}>
            {(column) => (
              <label>
                <input type="checkbox" checked={Columns.shown().has(column)} onChange={() => Columns.toggle(column)} />
                {words().library.column[column]}
              </label>
            )}
          </For>
          <label>
            <input type="checkbox" checked={Columns.isDense()} onChange={Columns.toggleDense} />
            {words().library.dense}
          </label>
        </Menu>
        <ExportMenu query={route().query} />
        <button
          type="button"
          class="icon-button facets-button"
          aria-label={words().library.facets}
          aria-expanded={isFiltering()}
          onClick={() => setFiltering((now) => !now)}
        >
          <Icon name="filter" />
        </button>
      </div>
      <aside class="facet-place" aria-label={words().library.facets} tabindex="-1">
        <FacetList facets={facets.latest} query={typed()} change={setTyped} />
      </aside>
      <RowList
        rows={rows()}
        isStale={rows() !== asked()}
        selected={selected()}
        select={setSelected}
        open={({ id }) => go({ item: id })}
      />
      <Show when={route().item}>{(id) => <ItemPanel id={id()} close={() => go({ item: undefined })} />}</Show>
    </div>
  )
}
