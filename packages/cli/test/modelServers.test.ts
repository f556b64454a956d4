import { expect, it } from "@effect/vitest"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Schema } from "effect"
import { writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import { folder, spool, start, values } from "./Spool.js"

const Bill = Schema.Struct({ paid: Schema.Number, requests: Schema.Number })
const Listening = Schema.parseJson(Schema.Struct({ selfHostedUrl: Schema.String }))

/** A model server of one's own, with its bill, and what kills it. */
const box = async () => {
  const { child, said } = start(tmpdir(), ["emulator", "--port", "0", "--latency", "300ms", "--json"])
  const kill = async () => {
    child.kill("SIGKILL")
    await said
  }
  onTestFinished(kill)
  const line = await new Promise<string>((resolve) => child.stdout?.once("data", (bytes: Buffer) => resolve(bytes.toString())))
  const { selfHostedUrl: url } = Schema.decodeUnknownSync(Listening)(line.split("\n")[0])
  const bill = async () => Schema.decodeUnknownSync(Bill)(await (await fetch(new URL("/emulator/bill", url))).json())
  return { url, bill, kill }
}

const config = (urls: ReadonlyArray<string>) => `
providers: { boxes: { dialect: vllm, baseUrl: ${JSON.stringify(urls)}, authority: studio, perEndpoint: { concurrency: 2 } } }
pipelines:
  sounds:
    source: { folder: in }
    stages:
      probe: {}
      copy: { use: transcode, with: { format: mp3, sampleRate: 16000, channels: 1 } }
      caption: { with: { provider: boxes, model: qwen3-omni-30b-a3b-captioner } }
      persist: {}
`

it(
  "go on without one of them that is killed in the middle; a box that is taken out repays nothing",
  { timeout: 180_000 },
  async () => {
    const [lost, kept] = [await box(), await box()]
    const sounds = 16
    const home = folder({
      "spool.yaml": config([lost.url, kept.url]),
      ...Object.fromEntries(
        Array.from({ length: sounds }, (_, n) => [`in/${n}.wav`, SampleMedia.wav("tone", { seconds: 1 + n / 16 })])
      )
    })
    const run = start(home, ["run", "--json"])
    // Two at a time: it has answered two, and is killed with two under way, which the other one is asked again.
    while ((await lost.bill()).paid < 4) await new Promise((resolve) => setTimeout(resolve, 50))
    await lost.kill()
    const said = await run.said
    expect(said).toMatchObject({ code: 0 })
    expect(values(said).at(-1)).toMatchObject({ items: { done: sounds }, stages: { caption: { ran: sounds, failed: 0 } } })
    const { paid, requests } = await kept.bill()
    expect(paid).toBeGreaterThanOrEqual(sounds / 2)
    expect(paid).toBeLessThanOrEqual(sounds - 2)

    writeFileSync(join(home, "spool.yaml"), config([kept.url]))
    expect(await spool(home, "run", "--json", "--rerun", "persist")).toMatchObject({ code: 0 })
    expect((await kept.bill()).requests).toBe(requests)
  }
)
