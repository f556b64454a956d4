import { describe, expect, it } from "@effect/vitest"
import { Either, Redacted } from "effect"
import { parse } from "./QueueAddress.js"

const read = (url: string, password?: string) =>
  Either.map(parse(url, password === undefined ? undefined : Redacted.make(password)), ({ options, shown }) => ({
    shown,
    options: Redacted.value(options)
  }))

describe("The queue's address", () => {
  it("names host, port and database", () => {
    expect(read("redis://nas.local")).toEqual(
      Either.right({ shown: "redis://nas.local:6379", options: { host: "nas.local", port: 6379, db: 0 } })
    )
    expect(read("redis://10.0.0.7:7000/3")).toEqual(
      Either.right({ shown: "redis://10.0.0.7:7000/3", options: { host: "10.0.0.7", port: 7000, db: 3 } })
    )
    expect(read("redis://[::1]:7000")).toMatchObject({ right: { options: { host: "::1" } } })
  })

  it("speaks TLS with rediss://", () => {
    expect(read("rediss://queue.example.com")).toMatchObject({ right: { options: { tls: {} } } })
  })

  it("takes a password from the config before the one in the address, and shows neither", () => {
    const written = read("redis://anna:s%40crit@nas.local")
    expect(written).toMatchObject({
      right: { shown: "redis://nas.local:6379", options: { username: "anna", password: "s@crit" } }
    })
    expect(read("redis://:old@nas.local", "new")).toMatchObject({
      right: { shown: "redis://nas.local:6379", options: { password: "new" } }
    })
    expect(JSON.stringify(parse("redis://:canary@nas.local"))).not.toContain("canary")
  })

  it.each([
    "nas.local:6379",
    "http://nas.local",
    "redis://",
    "redis://nas.local/music",
    "redis://nas.local?db=1",
    "redis://nas.local:99999",
    "redis://:%zz@nas.local"
  ])("refuses %s without repeating it", (url) => {
    const refused = read(url)
    expect(Either.isLeft(refused) && refused.left.code).toBe("QueueAddressInvalid")
    expect(JSON.stringify(refused)).not.toContain("%zz")
  })
})
