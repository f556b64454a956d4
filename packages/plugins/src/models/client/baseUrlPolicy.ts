import { Effect } from "effect"
import { lookup } from "node:dns/promises"
import { BlockList, isIP } from "node:net"
import { ModelError } from "../ModelError.js"

/** Where clouds keep their instances' credentials; no model is there. */
const blocked = new BlockList()
blocked.addSubnet("169.254.0.0", 16, "ipv4")
blocked.addSubnet("0.0.0.0", 8, "ipv4")
blocked.addAddress("100.100.100.200", "ipv4")
blocked.addSubnet("fe80::", 10, "ipv6")
blocked.addAddress("fd00:ec2::254", "ipv6")

/** An IPv4 address in IPv6's clothes is recognised by the list itself. */
const isBlocked = (address: string): boolean =>
  isIP(address) !== 0 && blocked.check(address, isIP(address) === 6 ? "ipv6" : "ipv4")

const refused = (detail: string) => new ModelError({ code: "AddressRefused", detail })

const leadsTo = (provider: string, address: string) =>
  refused(`the base URL of '${provider}' leads to ${address}, which is link-local or a metadata service`)

/**
 * The host of a base URL, if requests may go there as far as its text tells. Fails with `AddressRefused` for another scheme, a user
 * name, a query, and link-local and metadata addresses. Nothing is looked up.
 */
export const checkUrl = (provider: string, baseUrl: string): Effect.Effect<string, ModelError> =>
  Effect.gen(function* () {
    const url = yield* Effect.try({
      try: () => new URL(baseUrl),
      catch: () => refused(`the base URL of '${provider}' is not a URL`)
    })
    if (url.protocol !== "http:" && url.protocol !== "https:")
      return yield* refused(`the base URL of '${provider}' has the scheme ${url.protocol}`)
    if (url.username !== "" || url.password !== "")
      return yield* refused(`the base URL of '${provider}' contains a user name or password`)
    // Paths are appended to it, and a key in it would stand in every message.
    if (url.search !== "" || url.hash !== "")
      return yield* refused(`the base URL of '${provider}' contains a query or a fragment; a key goes into 'apiKey'`)
    const host = url.hostname.replace(/^\[|\]$/g, "")
    return isBlocked(host) ? yield* leadsTo(provider, host) : host
  })

/** A base URL as people may see it: a user name, a password and a query stay out, also of one that is refused for them. */
export const shown = (baseUrl: string): string => {
  if (!URL.canParse(baseUrl)) return baseUrl
  const url = new URL(baseUrl)
  return url.username + url.password + url.search + url.hash === "" ? baseUrl : `${url.protocol}//${url.host}${url.pathname}`
}

/** The same, after a look at the addresses that the host's name stands for; a name that doesn't resolve is left to the request to report. */
export const check = (provider: string, baseUrl: string): Effect.Effect<void, ModelError> =>
  Effect.gen(function* () {
    const host = yield* checkUrl(provider, baseUrl)
    if (isIP(host) !== 0) return
    const addresses = yield* Effect.tryPromise(() => lookup(host, { all: true })).pipe(
      Effect.map((found) => found.map(({ address }) => address)),
      Effect.orElseSucceed((): ReadonlyArray<string> => [])
    )
    const found = addresses.find(isBlocked)
    if (found !== undefined) return yield* leadsTo(provider, found)
  })
