import { createEffect, createMemo, createSignal, For, Index, on, onCleanup, onMount, Show, untrack } from "solid-js"
import { count, words } from "../words/Locale.js"
import { rowHeight, shown } from "./Columns.js"
import { LibraryRow } from "./LibraryRow.js"
import type { Row, RowCache } from "./RowCache.js"
import { VirtualRows } from "./VirtualRows.js"

interface Props {
  readonly rows: RowCache
  /** Whether the rows of another query are on their way. */
  readonly isStale: boolean
  /** The place of the row that keys act on. */
  readonly selected: number
  readonly select: (index: number) => void
  readonly open: (row: Row) => void
}

/** Skeletons show after this long: what comes sooner needs none. */
const SKELETON_MILLIS = 150

/** Rows beyond the edges, so that nothing is blank while scrolling. */
const BEYOND = 12
const AT_REST_MILLIS = 150
const ROWS_A_BASE = 500
/** Pixels: it stands over the rows' upper edge. */
const HEAD_HEIGHT = 32

/** A place in the list, and the row that stands in it. */
const PlacedRow = (props: Omit<Props, "isStale"> & { readonly index: number; readonly base: number }) => {
  const row = createMemo(() => props.rows.at(props.index))
  const isSelected = () => props.selected === props.index
  return (
    <div
      id={`row-${props.index}`}
      role="row"
      class="row"
      classList={{ "row-loading": row() === undefined }}
      aria-busy={row() === undefined}
      aria-rowindex={props.index + 2}
      aria-selected={isSelected()}
      style={{ height: `${rowHeight()}px`, transform: `translateY(${(props.index - props.base) * rowHeight()}px)` }}
      onClick={() => {
        props.select(props.index)
        const clicked = row()
        if (clicked !== undefined) props.open(clicked)
      }}
    >
      <LibraryRow row={row()} isSelected={isSelected()} />
    </div>
  )
}

/** The list: only the rows in sight are there. */
export const RowList = (props: Props) => {
  let scroller: HTMLDivElement | undefined
  const rows = new VirtualRows(0, rowHeight())
  const [scrolled, setScrolled] = createSignal(0)
  const [viewport, setViewport] = createSignal(600)
  const [isSlow, setSlow] = createSignal(false)
  const total = () => props.rows.total ?? 0
  const size = createMemo(() => {
    rows.resize(total(), rowHeight())
    return { tall: rows.tall, total: total() }
  })
  const places = createMemo(() => Math.ceil(viewport() / rowHeight()) + 1 + BEYOND)
  const window = createMemo(() => rows.window(scrolled(), viewport(), Math.min(places(), size().total)))
  // A row that leaves at one end is filled anew at the other: scrolling makes no elements.
  const [origin, setOrigin] = createSignal(0)
  const placed = createMemo(() => {
    const { end, first } = window()
    const found = Array.from({ length: end - first }, () => 0)
    for (let index = first; index < end; index++)
      found[(((index - origin()) % found.length) + found.length) % found.length] = index
    return found
  })
  // At rest they stand in the order in which they are read.
  createEffect(
    on(scrolled, () => {
      const timer = setTimeout(() => setOrigin(untrack(window).first), AT_REST_MILLIS)
      onCleanup(() => clearTimeout(timer))
    })
  )
  // Pixels beyond some millions are none to a browser: rows are placed from here.
  const base = createMemo(() => Math.floor(window().first / ROWS_A_BASE) * ROWS_A_BASE)
  const top = () => window().top - (window().first - base()) * rowHeight()
  onMount(() => {
    if (scroller === undefined) return
    const observer = new ResizeObserver(([entry]) => setViewport((entry?.contentRect.height ?? 600) - HEAD_HEIGHT))
    observer.observe(scroller)
    onCleanup(() => observer.disconnect())
  })
  createEffect(() => {
    const { end, first } = window()
    props.rows.want(first, Math.max(end, 1))
  })
  // Another query begins at its top.
  createEffect(
    on(
      () => props.rows,
      () => {
        if (scroller !== undefined) scroller.scrollTop = 0
        setScrolled(0)
      },
      { defer: true }
    )
  )
  createEffect(
    on([() => props.selected, size], ([selected]) => {
      if (scroller === undefined || selected < 0) return
      const place = rows.reveal(selected, scroller.scrollTop, viewport())
      if (place !== undefined) scroller.scrollTop = place
    })
  )
  createEffect(() => {
    const isWaiting = props.isStale || (props.rows.total === undefined && props.rows.problem === undefined)
    if (!isWaiting) return setSlow(false)
    const timer = setTimeout(() => setSlow(true), SKELETON_MILLIS)
    onCleanup(() => clearTimeout(timer))
  })
  return (
    <div class="list-place">
      <div
        ref={scroller}
        class="list"
        classList={{ "list-stale": isSlow() && props.isStale }}
        role="grid"
        aria-busy={props.isStale}
        tabindex="0"
        aria-label={words().library.list}
        aria-rowcount={total() + 1}
        aria-activedescendant={props.selected >= 0 && total() > 0 ? `row-${props.selected}` : undefined}
        onScroll={({ currentTarget }) => setScrolled(currentTarget.scrollTop)}
      >
        <div role="rowgroup" class="list-head-group">
          <div role="row" class="list-head" aria-rowindex={1}>
            <span role="columnheader" class="cell-play">
              <span class="sr">{words().player.play}</span>
            </span>
            <Show when={shown().has("wave")}>
              <span role="columnheader" class="cell-wave">
                {words().library.head.sound}
              </span>
            </Show>
            <span role="columnheader" class="cell-file">
              {words().library.head.file}
            </span>
            <Show when={shown().has("size")}>
              <span role="columnheader" class="cell-size">
                {words().library.column.size}
              </span>
            </Show>
            <span role="columnheader" class="cell-length">
              {words().library.head.length}
            </span>
          </div>
        </div>
        <div role="rowgroup" class="list-body" style={{ height: `${size().tall}px` }}>
          <div class="list-window" role="presentation" style={{ transform: `translateY(${top()}px)` }}>
            <Index each={placed()}>
              {(index) => (
                <PlacedRow
                  rows={props.rows}
                  selected={props.selected}
                  select={props.select}
                  open={props.open}
                  index={index()}
                  base={base()}
                />
              )}
            </Index>
          </div>
        </div>
      </div>
      <Show when={isSlow() && !props.isStale}>
        <div class="skeletons" aria-hidden="true">
          <For each={Array.from({ length: 12 })}>
            {() => (
              <div class="row">
                <div class="skeleton" />
              </div>
            )}
          </For>
        </div>
      </Show>
      <Show when={props.rows.problem}>
        {(problem) => (
          <div class="empty" role="alert">
            <p class="lines">{problem().message}</p>
            <p class="muted">{problem().help}</p>
          </div>
        )}
      </Show>
      <Show when={props.rows.problem === undefined && props.rows.total === 0}>
        <div class="empty">
          <p>{props.rows.query === "" ? words().library.empty : words().library.nothing}</p>
          <p class="muted">{props.rows.query === "" ? "spool run" : words().library.nothingHelp}</p>
        </div>
      </Show>
      <div class="sr" role="status">
        {props.rows.total === undefined ? "" : words().library.files(count(total()))}
      </div>
    </div>
  )
}
