import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Field from "../stage/Field.js"
import { either } from "../stage/Port.js"
import * as Stage from "../StageModule.js"
import * as Pipeline from "./Pipeline.js"
import { AudioFile, caption, Caption, ModelError, Probe, probe, transcode } from "./SoundStages.fixture.js"
import { wire } from "./Wiring.js"

const watch = Stage.make({
  name: "watch",
  version: 1,
  summary: "Takes either",
  input: { audio: either(AudioFile, Probe) },
  output: Caption,
  config: Field.none,
  error: ModelError,
  run: ({ audio }) => Effect.succeed(new Caption({ text: audio instanceof AudioFile ? audio.hash : String(audio.seconds) }))
})

const inputsOf = ({ nodes }: Pipeline.AnyPipeline, from?: Readonly<Record<string, string>>) => {
  const { faults, inputs } = wire(
    nodes.map(({ name, stage }) => ({ name, stage, ...(name === "watch" && from !== undefined ? { from } : {}) }))
  )
  return { faults: faults.filter(({ node }) => node === "watch"), audio: inputs.get("watch")?.["audio"] }
}

describe("an input that takes either of two kinds", () => {
  const probed = Pipeline.make("sounds").add("probe", probe)
  const both = probed.add("copy", transcode, { with: { format: "mp3" } })

  it("takes the first kind where a node gives it, and the other where none does", () => {
    expect(inputsOf(both.add("watch", watch))).toEqual({ faults: [], audio: ["copy"] })
    expect(inputsOf(probed.add("watch", watch))).toEqual({ faults: [], audio: ["probe"] })
  })

  it("takes what `from` names, of either kind and no other", () => {
    const named = both.add("watch", watch, { from: { audio: "probe" } })
    expect(inputsOf(named, { audio: "probe" })).toEqual({ faults: [], audio: ["probe"] })
    const said = both.add("said", caption)
    // @ts-expect-error a caption is neither
    said.add("watch", watch, { from: { audio: "said" } })
    // @ts-expect-error two copies are one too many
    both.add("hifi", transcode, { with: { format: "wav" } }).add("watch", watch)
  })
})
