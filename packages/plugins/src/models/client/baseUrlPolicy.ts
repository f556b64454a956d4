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

/**
 * Whether requests may go to this base URL. Fails with `AddressRefused` for another scheme, a user name, and link-local and
 * metadata addresses, by number or by name; a name that doesn't resolve is left to the request to report.
 */
export const check = (provider: string, baseUrl: string): Effect.Effect<void, ModelError> =>
  Effect.gen(function* () {
    const url = yield* Effect.try({
      try: () => new URL(baseUrl),
      catch: () => refused(`the base URL of '${provider}' is no URL`)
    })
    if (url.protocol !== "http:" && url.protocol !== "https:")
      return yield* refused(`the base URL of '${provider}' has the scheme ${url.protocol}`)
    if (url.username !== "" || url.password !== "")
      return yield* refused(`the base URL of '${provider}' has a user name or password in it`)
    const host = url.hostname.replace(/^\[|\]$/g, "")
    const addresses =
      isIP(host) === 0
        ? yield* Effect.tryPromise(() => lookup(host, { all: true })).pipe(
            Effect.map((found) => found.map(({ address }) => address)),
            Effect.orElseSucceed((): ReadonlyArray<string> => [])
          )
        : [host]
    const found = addresses.find(isBlocked)
    if (found !== undefined)
      return yield* refused(`the base URL of '${provider}' leads to ${found}, which is link-local or a metadata service`)
  })
