import { describe, expect, it } from "@effect/vitest"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { createServer } from "node:http"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import { folder, spool, values } from "./Spool.js"

/** A service on loopback that answers every request; gives its URL, and counts. */
const service = async () => {
  const asked: Array<string | undefined> = []
  const server = createServer(({ url }, response) => {
    asked.push(url)
    response.end("{}")
  })
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  return { url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`, asked }
}

/** Asks its account about each file's name, at two thousandths of a dollar. */
const plugin = (url: string) => `
import { HttpClientRequest } from "@effect/platform"
import { Account, AccountError, CallHeld, Field, Http, HttpError, Location, Money, Plugin, Stage } from "@mediaspool/core"
import { BigDecimal, Effect, Schema } from "effect"

class Place extends Schema.TaggedClass<Place>("place/Place")("Place", { body: Schema.String }) {}
const price = new Money({ currency: "USD", amount: BigDecimal.unsafeFromString("0.002") })

const place = Stage.make({
  name: "place", version: 1, summary: "Asks a service about a name", input: { location: Location }, output: Place, config: Field.none,
  error: Schema.Union(AccountError, CallHeld, HttpError),
  resource: () => Account.resource("places"),
  run: ({ location: { relativePath } }) =>
    Effect.gen(function* () {
      const account = yield* Account.named("places")
      const request = Http.request(HttpClientRequest.get("${url}", { urlParams: { name: relativePath } }))
      const { body } = yield* account.call(
        { identity: { authority: "places", name: relativePath }, model: "places-1", estimate: price, onAmbiguous: "hold" },
        Effect.map(request, ({ text }) => ({ body: text, price }))
      )
      return new Place({ body })
    })
})
export default Plugin.make({ name: "place", stages: [place], permissions: { hosts: ["127.0.0.1"] } })
`

const config = (budget: string) => `plugins: ["./place.ts"]
accounts: { places: { concurrency: 1${budget} } }
pipelines: { sounds: { source: { folder: in }, stages: { place: {}, persist: {} } } }
`

describe("A plugin's account with a budget", { timeout: 60_000 }, () => {
  it("pays up to it, holds the rest back, and goes on where it was when it is raised", async () => {
    const { asked, url } = await service()
    const sounds = [1, 2, 3, 4].map((n) => [`in/${n}.wav`, SampleMedia.wav("noise", { seconds: 1, seed: n })])
    const home = folder({
      "place.ts": plugin(url),
      "spool.yaml": config(", budget: { usd: 0.005, per: day }"),
      ...Object.fromEntries(sounds)
    })
    const run = await spool(home, "run", "--json")
    expect(run.code).toBe(75)
    expect(values(run).at(-1)).toMatchObject({
      items: { done: 2, failed: 0, waiting: 2 },
      cost: { USD: "0.004" },
      waitingFor: ["budget:places"]
    })
    expect(asked).toHaveLength(2)
    expect((await spool(home, "errors")).stdout).toContain("0.004 of 0.005 USD per day are spent")

    writeFileSync(join(home, "spool.yaml"), config(", budget: { usd: 1, per: day }"))
    const raised = await spool(home, "run", "--json")
    expect(raised.code).toBe(0)
    expect(values(raised).at(-1)).toMatchObject({ items: { total: 4, done: 4 }, cost: { USD: "0.004" } })
    expect(new Set(asked).size).toBe(4)
    expect(asked).toHaveLength(4)
  })
})
