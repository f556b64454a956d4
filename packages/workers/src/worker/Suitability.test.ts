import { describe, expect, it } from "@effect/vitest"
import { Ask, queueName } from "../protocol/Ask.js"
import { obstacle } from "./Suitability.js"

const ask = (more: Partial<ConstructorParameters<typeof Ask>[0]> = {}) =>
  new Ask({ stage: "transcode", version: 1, plugin: "media", pluginVersion: "0.1.0", engine: true, roots: [], ...more })

const offer = {
  engine: { name: "ffmpeg", version: "7.1" },
  plugins: { media: "0.1.0" },
  stages: [{ stage: "transcode", version: 1, plugin: "media", pluginVersion: "0.1.0" }]
}

describe("Jobs don't go to a worker", () => {
  it("that lacks the stage, the version, the plugin, the engine or a root, and it says so", () => {
    expect(obstacle(ask(), offer, [])).toBeUndefined()
    expect(obstacle(ask({ stage: "loudness", plugin: "meter" }), offer, [])).toMatch(/'loudness' is not here.*'meter'/)
    expect(obstacle(ask({ version: 2 }), offer, [])).toBe("the stage 'transcode' has version 1 here, and 2 there")
    expect(obstacle(ask({ pluginVersion: "0.2.0" }), offer, [])).toMatch(/'media' has version 0.1.0 here, and 0.2.0 there/)
    expect(obstacle(ask(), { ...offer, engine: { name: "none", version: "" } }, [])).toMatch(/ffmpeg and node-av are missing/)
    expect(obstacle(ask({ roots: ["nas"] }), offer, [])).toMatch(/--root nas=PATH/)
    expect(obstacle(ask({ roots: ["nas"] }), offer, ["nas"])).toBeUndefined()
  })

  it("of another kind: every difference is another queue", () => {
    const names = [
      ask(),
      ask({ version: 2 }),
      ask({ pluginVersion: "0.1.1" }),
      ask({ plugin: "other" }),
      ask({ engine: false }),
      ask({ roots: ["nas"] })
    ].map(queueName)
    expect(new Set(names).size).toBe(names.length)
    expect(queueName(ask({ roots: ["b", "a"] }))).toBe(queueName(ask({ roots: ["a", "b"] })))
    expect(names.every((name) => /^transcode-\d-[0-9a-f]{12}$/.test(name))).toBe(true)
  })
})
