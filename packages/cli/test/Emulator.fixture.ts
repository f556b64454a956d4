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
