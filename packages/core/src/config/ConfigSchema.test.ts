import { describe, expect, it } from "@effect/vitest"
import { Ajv } from "ajv"
import { Duration, Effect, Layer, Schema } from "effect"
import { parse } from "yaml"
import * as Failure from "../stage/Failure.js"
import * as Field from "../stage/Field.js"
import { SourceFile } from "../stage/FileRef.js"
import * as Plugin from "../stage/Plugin.js"
import { SecretRef } from "../stage/Secret.js"
import * as Stage from "../stage/Stage.js"
import * as ConfigSchema from "./ConfigSchema.js"
import { Interval } from "./Interval.js"
import * as Registry from "../plugin/Registry.js"
import * as SoundStages from "../pipeline/SoundStages.fixture.js"

class Never extends Failure.Class<Never>()("Never", { Never: { retry: "never", help: "" } }) {}
const Cut = Schema.Struct({ wait: Field.withDefault(Interval, Duration.seconds(2), "Between cuts") })
const cut = Stage.make({
  name: "cut",
  version: 1,
  summary: "Cuts",
  input: { file: SourceFile },
  output: SoundStages.Saved,
  config: Schema.Struct({
    every: Field.withDefault(Interval, Duration.seconds(30), "Length of a cut"),
    inner: Field.withDefault(Cut, { wait: Duration.seconds(2) }, "How"),
    list: Field.withDefault(Schema.Array(Cut), [], "More"),
    sampleRate: Field.withDefault(Schema.Literal("low", "high"), "low", "Another rate"),
    exotic: Field.maybe(Schema.Unknown, "Anything")
  }),
  error: Never,
  run: () => Effect.succeed(new SoundStages.Saved({}))
})
const plugin = Plugin.make({
  name: "sounds",
  stages: [SoundStages.ingest, SoundStages.probe, SoundStages.transcode, SoundStages.caption, cut],
  layer: Layer.succeed(SoundStages.Engine, { seconds: Effect.succeed(1) }),
  sections: [
    {
      name: "providers",
      schema: Schema.Record({ key: Schema.String, value: Schema.Struct({ apiKey: Field.required(SecretRef, "The key") }) })
    }
  ]
})
const schema = ConfigSchema.make(Registry.make([{ original: plugin, from: "built in" }]).registry)
const validate = new Ajv({ strict: false, allErrors: true }).compile(schema)
const valid = (yaml: string) => validate(parse(yaml))

describe("ConfigSchema", () => {
  it.each([
    "pipelines: { a: { stages: { probe: {}, copy: { use: transcode, with: { format: mp3 }, retry: { times: 4, delay: 2s } } } } }",
    "pipelines: { a: { stages: { probe: , caption: { with: { provider: x }, timeout: 30 } } } }",
    "pipelines: { a: { source: { folder: x, scanEvery: 1m }, stages: { cut: { with: { every: 10s, inner: { wait: 1s } } } } } }",
    "defaults: { provider: x, format: mp3, sampleRate: low }\npipelines: { a: { stages: { transcode: } } }",
    "plugins: [./x.ts]\nstate: /tmp/x\nproviders: { a: { apiKey: { env: KEY } } }\npipelines: { a: { stages: } }",
    "pipelines: { a: { stages: { ingest: {} }, tests: { rain: { clip: x.wav, expect: { probe: { fields: { seconds: { min: 1 } } } } } } } }"
  ])("takes %s", (yaml) => {
    expect(valid(yaml), JSON.stringify(validate.errors)).toBe(true)
  })

  it.each([
    "{}",
    "pipeline: {}",
    "pipelines: { Sounds: { stages: {} } }",
    "pipelines: { a: {} }",
    "pipelines: { a: { stages: { copy: {} } } }",
    "pipelines: { a: { stages: { copy: { use: transcod } } } }",
    "pipelines: { a: { stages: { copy: { use: transcode, with: { format: ogg } } } } }",
    "pipelines: { a: { stages: { copy: { use: transcode, with: { sampelRate: 1 } } } } }",
    "pipelines: { a: { stages: { transcode: { with: { format: ogg } } } } }",
    "pipelines: { a: { stages: { caption: { use: transcode, with: { provider: x } } } } }",
    "pipelines: { a: { stages: { probe: { retry: { time: 4 } } } } }",
    "pipelines: { a: { stages: { probe: { timeout: soon } } } }",
    "pipelines: { a: { source: {}, stages: {} } }",
    "providers: { a: { apiKey: sk-123 } }\npipelines: { a: { stages: {} } }",
    "defaults: { provder: x }\npipelines: { a: { stages: {} } }"
  ])("refuses %s", (yaml) => {
    expect(valid(yaml)).toBe(false)
  })

  it("explains: descriptions, defaults as a person writes them, examples", () => {
    expect(schema["definitions"]).toMatchObject({
      "stage-transcode": {
        description: "Makes a copy",
        examples: [{ format: "mp3" }],
        properties: {
          format: { enum: ["mp3", "wav"], description: "Container of the copy" },
          sampleRate: { default: 16000, description: "Hz" }
        }
      },
      "stage-cut": {
        properties: {
          every: { default: "30s", description: "Length of a cut" },
          inner: { default: { wait: "2s" }, properties: { wait: { default: "2s" } } },
          list: { items: { properties: { wait: { default: "2s" } } } }
        }
      }
    })
  })
})
