import { tmpdir } from "node:os"
import { onTestFinished } from "vitest"
import { start } from "./Spool.js"

/**
 * A model service that lives while the test does; gives its base URL.
 *
 * @param end takes what ends it, where it is to live longer
 */
export const emulator = async (end: (stop: () => Promise<void>) => void = onTestFinished): Promise<string> => {
  const { child, said } = start(tmpdir(), ["emulator", "--port", "0", "--json"])
  end(async () => {
    child.kill("SIGINT")
    await said
  })
  return new Promise((resolve) => {
    let printed = ""
    child.stdout?.on("data", (bytes: Buffer) => {
      printed += bytes.toString()
      const found = /"baseUrl":"([^"]+)"/.exec(printed)?.[1]
      if (found !== undefined) resolve(found)
    })
  })
}

/** A config that has the sounds in `in` captioned and tagged by the service at this address. */
export const captioned = (baseUrl: string) => `
providers: { own: { dialect: dashscope, baseUrl: "${baseUrl}", apiKey: { env: DASHSCOPE_API_KEY }, rpm: none, tpm: none } }
pipelines:
  sounds:
    source: { folder: in }
    stages:
      probe: {}
      copy: { use: transcode, with: { format: mp3, sampleRate: 16000, channels: 1 } }
      caption: { with: { provider: own } }
      mood: { use: omni-tags, with: { provider: own, vocabulary: emotion } }
      persist: {}
`
