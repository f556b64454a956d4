import { describe, expect, layer } from "@effect/vitest"
import { Artifact, Node } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { basename } from "node:path"
import { VideoFile } from "../kinds.js"
import * as EncodedMedia from "../testing/EncodedMedia.js"
import type * as SampleMedia from "../testing/SampleMedia.js"
import * as Prompts from "../models/Prompts.js"
import * as Rigged from "./listen/ListeningStage.fixture.js"
import { omniAsk } from "./OmniAsk.js"
import { omniTags } from "./OmniTags.js"
import { videoCaption } from "./VideoCaption.js"

/** A video as `transcode-video` would leave it. */
const clip = (sound: SampleMedia.Sound | undefined, shape: SampleMedia.Shape) =>
  Effect.gen(function* () {
    const { folder } = yield* Rigged.Rig
    const name = `${sound ?? "silent"}-${JSON.stringify(shape).replaceAll(/\W+/g, "-")}.mp4`
    const { hash, path, size } = yield* EncodedMedia.video(folder, sound, "mp4", shape, name)
    return new VideoFile({
      file: new Artifact({ key: `result-of-${basename(path)}`, slot: "video", hash, size, path }),
      container: "mp4",
      videoCodec: "h264",
      ...(sound === undefined ? {} : { audioCodec: "aac" }),
      width: 64,
      height: 48,
      durationSeconds: shape.seconds ?? 3
    })
  })

/** A model that takes sound beside pictures, and one that hears a video only in a file. */
const beside = { provider: "local", model: "qwen3.8-omni-flash" }
const inside = { provider: "local", model: "qwen3-omni-flash" }

layer(Rigged.layer)("stages that watch", (it) => {
  describe("video-caption", () => {
    it.effect("says scene by scene what is seen and heard, and replays every window", () =>
      Effect.gen(function* () {
        const { emulator } = yield* Rigged.Rig
        yield* emulator.clear
        const recorder = Rigged.recorder()
        const video = yield* clip("tone", { seconds: 6, scenes: 3 })
        const config = Schema.decodeSync(videoCaption.config)({ ...beside, sceneSeconds: 1.5 })
        const run = Rigged.within({ recorder })(videoCaption.run({ video }, config))
        const caption = yield* run
        expect(caption.segments.map(({ endSeconds, startSeconds }) => [startSeconds, endSeconds])).toEqual([
          [0, 2],
          [2, 4],
          [4, 6]
        ])
        // The emulator looks at the pixels, and hears the sound that goes with them.
        expect(caption.segments[1]?.text).toMatch(/mostly red/)
        expect(caption.segments[2]?.text).toMatch(/mostly turquoise/)
        expect(caption.segments[0]?.text).toMatch(/moves? in it.*With it is heard: .*a tone near \d+ Hz/)
        expect((yield* emulator.statement).paid).toBe(3)
        expect(yield* run).toEqual(caption)
        expect((yield* emulator.statement).paid).toBe(3)
      })
    )
  })

  describe("omni-ask and omni-tags of a video", () => {
    it.effect("send a small video to a model that hears the sound only there, and pictures alone where it is silent", () =>
      Effect.gen(function* () {
        const ask = (video: VideoFile, more: Partial<typeof omniAsk.config.Encoded> = {}) =>
          Rigged.within({})(
            omniAsk.run(
              { audio: video },
              Schema.decodeSync(omniAsk.config)({
                ...inside,
                prompt: "What happens?",
                schema: {
                  type: "object",
                  properties: { cuts: { type: "integer" }, toneHz: { type: "integer" }, colours: { type: "string" } }
                },
                ...more
              })
            )
          )
        const both = yield* ask(yield* clip("tone", { seconds: 6, scenes: 3 }))
        expect(both.value).toMatchObject({ cuts: 3 })
        expect(both.value).toMatchObject({ toneHz: expect.closeTo(440, -1) })
        const silent = yield* ask(yield* clip(undefined, { seconds: 6, scenes: 3 }))
        expect(silent.value).toMatchObject({ cuts: 3, toneHz: 0 })
        // Sound is left out where the config asks for pictures.
        const seen = yield* ask(yield* clip("tone", { seconds: 6, scenes: 3 }), { pictures: "frames" })
        expect(seen.value).toMatchObject({ cuts: 3, toneHz: 0 })
      })
    )

    it.effect("label what is seen, window by window", () =>
      Effect.gen(function* () {
        const config = Schema.decodeSync(omniTags.config)({ ...beside, vocabulary: "colours", window: 2 })
        const vocabularies = {
          colours: {
            version: 1,
            synonyms: {},
            about: "colours",
            labels: ["blue", "violet", "green", "yellow", "red", "turquoise"] as const
          }
        }
        const { tags } = yield* Rigged.within({ vocabularies })(
          omniTags.run({ audio: yield* clip(undefined, { seconds: 6, scenes: 3 }) }, config)
        )
        expect(tags.length).toBeGreaterThan(1)
        expect(tags.every(({ evidence }) => evidence?.startsWith("the picture is mostly"))).toBe(true)
      })
    )

    it.effect("have a video's prompts in keys and its pictures in plans, wherever they are wired to one", () =>
      Effect.gen(function* () {
        const local = { models: { "qwen3.8-omni-flash": { price: { currency: "USD", audioIn: 4, textOut: 0, pictureIn: 1 } } } }
        const wiredTo =
          (kind: string) =>
          <A, E, R>(effect: Effect.Effect<A, E, R>) =>
            Rigged.within({ local })(
              Effect.provideService(effect, Node, { pipeline: "p", node: "n", key: "", kinds: { audio: [kind] } })
            )
        const ask = Schema.decodeSync(omniAsk.config)({ ...beside, prompt: "?" })
        const tags = Schema.decodeSync(omniTags.config)({ ...beside, vocabulary: "mood" })
        const minute = { seconds: 60 }
        for (const planned of [omniAsk.estimate?.(minute, ask), omniTags.estimate?.(minute, tags)]) {
          const [heard] = yield* wiredTo("AudioFile")(planned ?? Effect.succeed([]))
          const [seen] = yield* wiredTo("VideoFile")(planned ?? Effect.succeed([]))
          const pictures = seen?.usage.pictureTokens ?? 0
          expect(heard?.usage.pictureTokens).toBe(0)
          expect(pictures).toBeGreaterThan(1000)
          const [audio, both] = [heard, seen].map((one) => Number(one?.price?.(one.usage).amount.value ?? 0))
          expect(both).toBeGreaterThan(audio ?? 0)
        }
        const keys = (kind: string) => wiredTo(kind)(omniAsk.keyParts?.(ask) ?? Effect.succeed({}))
        expect(yield* keys("VideoFile")).toEqual(yield* keys("AudioFile"))
        expect(Prompts.videoKey({ id: "omni-ask-video@2", system: "", text: "" })).toBe("omni-ask-video@2")
        const blind = Schema.decodeSync(omniAsk.config)({ provider: "local", model: "mine", prompt: "?" })
        const refused = Rigged.within({ local: { models: { mine: { kind: "omni", sees: false } } } })(
          Effect.provideService(omniAsk.keyParts?.(blind) ?? Effect.void, Node, {
            pipeline: "p",
            node: "n",
            key: "",
            kinds: { audio: ["VideoFile"] }
          })
        )
        expect(yield* Effect.flip(refused)).toMatchObject({ code: "ModelBlind" })
      })
    )

    it.effect("say what is wrong before anything is sent", () =>
      Effect.gen(function* () {
        const { emulator } = yield* Rigged.Rig
        yield* emulator.clear
        const flipped = (video: VideoFile, written: typeof omniAsk.config.Encoded) =>
          Effect.flip(Rigged.within({})(omniAsk.run({ audio: video }, Schema.decodeSync(omniAsk.config)(written))))
        const video = yield* clip("tone", { seconds: 6, scenes: 3 })
        const blind = { provider: "local", model: "mine", prompt: "?" }
        const local = { models: { mine: { kind: "omni" as const, sees: false } } }
        const config = Schema.decodeSync(omniAsk.config)(blind)
        expect(yield* Effect.flip(Rigged.within({ local })(omniAsk.run({ audio: video }, config)))).toMatchObject({
          code: "ModelBlind",
          message: "'mine' at 'local' takes no pictures"
        })
        const long = new VideoFile({ ...video, durationSeconds: 4000 })
        expect(yield* flipped(long, { ...inside, prompt: "?", window: "whole" })).toMatchObject({
          code: "VideoTooLong",
          message: "4000 s of video are more than the 150 s that 'qwen3-omni-flash' takes at once from 'local'"
        })
        const short = yield* clip(undefined, { seconds: 0.1 })
        expect(yield* flipped(short, { ...inside, prompt: "?" })).toMatchObject({ code: "VideoTooShort" })
        expect((yield* emulator.statement).requests).toBe(0)
      })
    )
  })
})
