import type { HttpApi, HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import type { Api } from "@mediaspool/server/api"
import { routes } from "virtual:routes"

type Groups = typeof Api extends HttpApi.HttpApi<infer _Id, infer G, infer _E, infer _R> ? G : never

/** What an endpoint takes and gives, from the server's own description of it. */
type Parts<E> =
  E extends HttpApiEndpoint.HttpApiEndpoint<
    infer _Name,
    infer _Method,
    infer Path,
    infer Params,
    infer Payload,
    infer _Headers,
    infer Success,
    infer _Error,
    infer _R,
    infer _RE
  >
    ? { readonly path: Path; readonly urlParams: Params; readonly payload: Payload; readonly success: Success }
    : never

type EndpointsOf<G> =
  G extends HttpApiGroup.HttpApiGroup<infer _Id, infer Endpoints, infer _E, infer _R, infer _Top>
    ? { readonly [E in Endpoints as E["name"]]: Parts<E> }
    : never

/** The API by group and endpoint. */
type Calls = { readonly [G in Groups as G["identifier"]]: EndpointsOf<G> }
type Part<G extends keyof Calls, N extends keyof Calls[G], K extends string> = Calls[G][N] extends { readonly [P in K]: infer A }
  ? A
  : never
type Given<K extends string, A> = [A] extends [never] ? unknown : { readonly [P in K]: A }

export type Asked<G extends keyof Calls, N extends keyof Calls[G]> = Given<"path", Part<G, N, "path">> &
  Given<"urlParams", Part<G, N, "urlParams">> &
  Given<"payload", Part<G, N, "payload">> & { readonly signal?: AbortSignal | undefined }
export type Reply<G extends keyof Calls, N extends keyof Calls[G]> = Part<G, N, "success">

/** Something that the server refused, or a server that isn't there (`status` 0). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly help: string,
    readonly body: unknown
  ) {
    super(message)
  }
}

/** Proves to the server that a change comes from this page; kept in memory alone. */
let token = ""
export const setToken = (now: string): void => {
  token = now
}

const field = (value: unknown, name: string): string => {
  const found: unknown = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined
  return typeof found === "string" ? found : ""
}

const urlOf = (path: string, params: unknown, query: unknown): string => {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(Reflect.get(Object(params), name))))
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(Object(query))) if (value !== undefined) search.set(name, String(value))
  const text = search.toString()
  return text === "" ? filled : `${filled}?${text}`
}

/** Asks the server. Fails with a {@link Problem}, or with the signal's reason when it is called off. */
export const call = async <G extends keyof Calls, N extends keyof Calls[G]>(
  group: G,
  name: N,
  asked: Asked<G, N>
): Promise<Reply<G, N>> => {
  const route = routes[`${group}.${String(name)}`]
  if (route === undefined) throw new Problem(0, "RouteUnknown", `${group}.${String(name)}`, "", undefined)
  const [method, path] = route
  const payload: unknown = Reflect.get(asked, "payload")
  const isChange = method !== "GET"
  const response = await fetch(urlOf(path, Reflect.get(asked, "path"), Reflect.get(asked, "urlParams")), {
    method,
    credentials: "same-origin",
    signal: asked.signal ?? null,
    headers: {
      ...(isChange ? { "x-mediaspool-token": token } : {}),
      ...(payload === undefined ? {} : { "content-type": "application/json" })
    },
    ...(payload === undefined ? {} : { body: JSON.stringify(payload) })
  }).catch((cause: unknown) => {
    if (asked.signal?.aborted === true) throw cause
    throw new Problem(0, "ServerAway", "", "", undefined)
  })
  const body: Reply<G, N> = response.headers.get("content-type")?.startsWith("application/json")
    ? await response.json()
    : await response.text()
  if (!response.ok) throw new Problem(response.status, field(body, "code"), field(body, "message"), field(body, "help"), body)
  return body
}
