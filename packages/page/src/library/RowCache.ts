import { createSignal } from "solid-js"
import { call, Problem, type Reply } from "../api/ApiClient.js"

export type Row = Reply<"library", "rows">["rows"][number]
export type Sort = "best" | "newest" | "name" | "longest" | "shortest" | "largest"

/** Rows a request. */
const PAGE = 60
/** Pages kept: scrolling back over some thousand rows asks for nothing. */
const PAGES = 60
/** Requests that are under way while one scrolls: what has left the screen is called off. */
const AT_ONCE = 4

interface Page {
  readonly rows: ReadonlyArray<Row> | undefined
  readonly abort: AbortController
}

/** The rows of one query and order, as far as they have been looked at. */
export class RowCache {
  private pages = new Map<number, Page>()
  private readonly changes = createSignal(0)
  private readonly totals = createSignal<number | undefined>(undefined)
  private readonly problems = createSignal<Problem | undefined>(undefined)

  constructor(
    readonly query: string,
    readonly sort: Sort
  ) {}

  /** How many fit; undefined until the server has said so. */
  get total(): number | undefined {
    return this.totals[0]()
  }
  get problem(): Problem | undefined {
    return this.problems[0]()
  }

  /** The row at a place; undefined while it is on its way. */
  at(index: number): Row | undefined {
    this.changes[0]()
    return this.pages.get(Math.floor(index / PAGE))?.rows?.[index % PAGE]
  }

  /** Where a file stands among the rows that are here. */
  indexOf(id: number): number | undefined {
    this.changes[0]()
    for (const [page, { rows }] of this.pages) {
      const index = rows?.findIndex((row) => row.id === id) ?? -1
      if (index >= 0) return page * PAGE + index
    }
    return undefined
  }

  /** Every row that is here. */
  known(): ReadonlyArray<Row> {
    this.changes[0]()
    return [...this.pages.values()].flatMap(({ rows }) => rows ?? [])
  }

  private changed(): void {
    this.changes[1]((now) => now + 1)
  }

  /** Fetches what is missing between two places, and calls off what is wanted no more. */
  want(first: number, end: number): void {
    const wanted = new Set<number>()
    for (let page = Math.floor(Math.max(0, first) / PAGE); page * PAGE < Math.max(end, 1); page++) wanted.add(page)
    for (const [page, { abort, rows }] of this.pages)
      if (rows === undefined && !wanted.has(page)) {
        abort.abort()
        this.pages.delete(page)
      }
    const open = [...this.pages.values()].filter(({ rows }) => rows === undefined).length
    for (const page of [...wanted].filter((page) => !this.pages.has(page)).slice(0, AT_ONCE - open)) void this.fetch(page)
  }

  private async fetch(page: number): Promise<void> {
    const abort = new AbortController()
    this.pages.set(page, { rows: undefined, abort })
    try {
      const urlParams = { q: this.query, sort: this.sort, offset: page * PAGE, limit: PAGE }
      const { rows, total } = await call("library", "rows", { urlParams, signal: abort.signal })
      // The one that was looked at longest ago goes.
      this.pages.delete(page)
      this.pages.set(page, { rows, abort })
      const [oldest] = this.pages.keys()
      if (this.pages.size > PAGES && oldest !== undefined) this.pages.delete(oldest)
      this.totals[1](total)
      this.problems[1](undefined)
      this.changed()
    } catch (cause) {
      if (this.pages.get(page)?.abort === abort) this.pages.delete(page)
      if (cause instanceof Problem) this.problems[1](cause)
    }
  }

  /** Fetches again what is shown: the old rows stay until the new ones are here. */
  async refresh(first: number, end: number): Promise<void> {
    const shown = [...this.pages.keys()].filter((page) => page * PAGE < end && (page + 1) * PAGE > first)
    const kept = new Map([...this.pages].filter(([page]) => shown.includes(page)))
    for (const [page, { abort }] of this.pages) if (!kept.has(page)) abort.abort()
    this.pages = kept
    await Promise.all((shown.length === 0 ? [0] : shown).map((page) => this.fetchQuietly(page)))
  }

  private async fetchQuietly(page: number): Promise<void> {
    const before = this.pages.get(page)
    const abort = new AbortController()
    try {
      const urlParams = { q: this.query, sort: this.sort, offset: page * PAGE, limit: PAGE }
      const { rows, total } = await call("library", "rows", { urlParams, signal: abort.signal })
      if (this.pages.get(page) !== before && before !== undefined) return
      this.pages.set(page, { rows, abort })
      this.totals[1](total)
      this.problems[1](undefined)
      this.changed()
    } catch (cause) {
      if (cause instanceof Problem) this.problems[1](cause)
    }
  }
}
