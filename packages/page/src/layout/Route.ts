import { createSignal } from "solid-js"

export const views = ["library", "review", "run", "failures", "duplicates"] as const
export type View = (typeof views)[number]

/** Where one is: the address bar says all of it, so that every view has a link. */
export interface Route {
  readonly view: View
  readonly query: string
  readonly sort: string
  /** The file that is open. */
  readonly item: number | undefined
  /** A reason, in the review. */
  readonly reason: string | undefined
}

const isView = (text: string): text is View => views.some((view) => view === text)

const read = (): Route => {
  const { pathname, searchParams } = new URL(location.href)
  const name = pathname.slice(1)
  const item = Number(searchParams.get("item"))
  return {
    view: isView(name) ? name : "library",
    query: searchParams.get("q") ?? "",
    sort: searchParams.get("sort") ?? "best",
    item: Number.isSafeInteger(item) && item > 0 ? item : undefined,
    reason: searchParams.get("reason") ?? undefined
  }
}

export const href = (route: Route): string => {
  const search = new URLSearchParams()
  if (route.view === "library" && route.query !== "") search.set("q", route.query)
  if (route.view === "library" && route.sort !== "best") search.set("sort", route.sort)
  if (route.item !== undefined && route.view !== "review") search.set("item", String(route.item))
  if (route.view === "review" && route.reason !== undefined) search.set("reason", route.reason)
  const text = search.toString()
  return `${route.view === "library" ? "/" : `/${route.view}`}${text === "" ? "" : `?${text}`}`
}

const [route, setRoute] = createSignal<Route>(read(), { equals: (a, b) => href(a) === href(b) })
export { route }
addEventListener("popstate", () => setRoute(read()))

/** Goes somewhere. What one types, and the file that is open, replace the entry: the way back leads to another view. */
export const go = (change: Partial<Route>): void => {
  const before = route()
  const next = { ...before, ...change }
  if (href(next) === href(before)) return
  if (next.view === before.view && change.query === undefined) history.replaceState(null, "", href(next))
  else if (next.view === before.view) history.replaceState(null, "", href(next))
  else history.pushState(null, "", href(next))
  setRoute(next)
}
