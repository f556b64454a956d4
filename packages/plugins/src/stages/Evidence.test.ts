import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { Acoustics, Caption, CaptionSegment, Span, Speech, SpeechSpan, Tag, Tags } from "../kinds.js"
import { markdown } from "../meters/markdown.fixture.js"
import { checksOf, evidence } from "./Evidence.js"
import { measuredOf } from "./evidence/Claims.js"

const acoustics = (more: Partial<ConstructorParameters<typeof Acoustics>[0]> = {}) =>
  new Acoustics({
    durationSeconds: 30,
    channels: 1,
    sampleRate: 48_000,
    silences: [],
    silenceRatio: 0,
    clippedSamples: 0,
    integratedLoudness: -23,
    noisiness: 0.1,
    ...more
  })
const speechOf = (...spans: ReadonlyArray<readonly [from: number, to: number]>) =>
  new Speech({
    model: "vad",
    spans: spans.map(([startSeconds, endSeconds]) => new SpeechSpan({ startSeconds, endSeconds, probability: 0.9 }))
  })

const music = acoustics({ key: { tonic: "A", mode: "minor", confidence: 0.8 }, tempo: { beatsPerMinute: 120, confidence: 0.9 } })
const noise = acoustics({ noisiness: 0.7 })
const silence = new Acoustics({
  ...acoustics({ silences: [new Span({ startSeconds: 0, endSeconds: 30 })], silenceRatio: 1 }),
  integratedLoudness: undefined
})

/** What was measured, by what it is. */
const files = {
  "a song, 120 beats a minute": measuredOf({ probe: undefined, sound: music, speech: speechOf() }),
  noise: measuredOf({ probe: undefined, sound: noise, speech: speechOf() }),
  silence: measuredOf({ probe: undefined, sound: silence, speech: speechOf() }),
  "20 seconds of speech": measuredOf({ probe: undefined, sound: acoustics(), speech: speechOf([2, 22]) }),
  "a loud noise": measuredOf({
    probe: undefined,
    sound: acoustics({ integratedLoudness: -8, noisiness: 0.7 }),
    speech: undefined
  }),
  "20 seconds of speech in a file marked 'de'": {
    ...measuredOf({ probe: undefined, sound: acoustics(), speech: speechOf([2, 22]) }),
    language: "de"
  },
  "a very quiet tone": measuredOf({ probe: undefined, sound: acoustics({ integratedLoudness: -48 }), speech: undefined })
} as const
type File = keyof typeof files

const DE = "20 seconds of speech in a file marked 'de'"
const cases: ReadonlyArray<readonly [text: string, file: File, expected: string]> = [
  ["A man speaks about the weather.", "20 seconds of speech", "speech agrees"],
  ["A man speaks about the weather.", "a song, 120 beats a minute", "speech contradicts"],
  ["Two people are talking.", "noise", "speech contradicts, several-speakers contradicts"],
  ["Rain, without any speech.", "noise", "no-speech agrees"],
  ["An instrumental piece.", "20 seconds of speech", "no-speech contradicts"],
  ["The recording is silent.", "silence", "silence agrees"],
  ["There is no sound.", "noise", "silence contradicts"],
  ["The room is not silent.", "noise", "–"],
  ["A melody on the piano.", "a song, 120 beats a minute", "music agrees"],
  ["A melody on the piano.", "noise", "music contradicts"],
  ["No music, only wind.", "noise", "–"],
  ["A loud bang.", "a very quiet tone", "loud contradicts"],
  ["A loud roar.", "a loud noise", "loud agrees"],
  ["A faint hum.", "a loud noise", "quiet contradicts"],
  ["A barely audible tone.", "a very quiet tone", "quiet agrees"],
  ["A fast beat.", "a song, 120 beats a minute", "fast agrees"],
  ["A groove at 60 bpm.", "a song, 120 beats a minute", "tempo agrees"],
  ["A groove at 95 bpm.", "a song, 120 beats a minute", "tempo contradicts"],
  ["Somebody sings a song.", "noise", "music contradicts"],
  ["A crowd chants.", "noise", "–"],
  ["The piano keys are dusted: no note is played.", "noise", "music contradicts"],
  ["There is no audible speech and no sound of traffic.", "noise", "no-speech agrees"],
  ["Rain, followed by complete silence.", "noise", "–"],
  ["Nothing is heard but the wind.", "noise", "–"],
  ["Birds sing in the rain; crickets join their song.", "noise", "–"],
  ["Wind, without any speech, singing or other music.", "noise", "no-speech agrees"],
  ["Two people clap their hands.", "noise", "–"],
  ["Several people argue.", "noise", "several-speakers contradicts"],
  ["A roar with a faint hum in the background.", "a loud noise", "–"],
  ["一名男子在说话。", "20 seconds of speech", "speech agrees"],
  ["一名男子在说话。", "noise", "speech contradicts"],
  ["没有人声，只有风声。", "noise", "no-speech agrees"],
  ["纯音乐，没有对话。", "20 seconds of speech", "no-speech contradicts"],
  ["没有任何声音。", "noise", "silence contradicts"],
  ["雨声，随后一片寂静。", "noise", "–"],
  ["钢琴弹奏的旋律。", "noise", "music contradicts"],
  ["钢琴弹奏的旋律，节奏很快。", "a song, 120 beats a minute", "music agrees, fast agrees"],
  ["鸟儿在歌唱，没有音乐。", "noise", "–"],
  ["两个人在交谈。", "noise", "speech contradicts, several-speakers contradicts"],
  ["一声巨响。", "a very quiet tone", "loud contradicts"],
  ["远处有微弱的雷声。", "a loud noise", "–"],
  ["每分钟95拍的鼓点。", "a song, 120 beats a minute", "tempo contradicts"],
  ["Without music, a woman is speaking.", "20 seconds of speech", "speech agrees"],
  ["A man speaks, then there is no speech for a while.", "noise", "speech contradicts"],
  ["Speech is absent.", "noise", "no-speech agrees"],
  ["No intelligible speech.", "20 seconds of speech", "–"],
  ['A sign reads "No talking".', "noise", "–"],
  ["The title is 'Piano Man', but only wind is heard.", "noise", "–"],
  ['She says "no music".', "20 seconds of speech", "speech agrees"],
  ["There isn't any music.", "noise", "–"],
  ["Wind, devoid of music.", "noise", "–"],
  ["Somebody opens a guitar case.", "noise", "–"],
  ["The song of a bird.", "noise", "–"],
  ["A man and a woman converse.", "noise", "speech contradicts, several-speakers contradicts"],
  ["A stereo pair of two speakers plays rain.", "noise", "–"],
  ["Silence.", "noise", "silence contradicts"],
  ["A door closes. Silence.", "noise", "–"],
  ["Apart from a clock, nothing is heard.", "noise", "–"],
  ["The sound isn't loud.", "a very quiet tone", "–"],
  ["The tempo is fast.", "a song, 120 beats a minute", "fast agrees"],
  ["The engine speaks of power.", "noise", "speech contradicts"],
  ["She speaks fluent English.", DE, "speech agrees, language contradicts"],
  ["He doesn't speak English.", DE, "–"],
  ["An announcement in German.", DE, "language agrees"],
  ["没有音乐，一名女子在说话。", "20 seconds of speech", "speech agrees"],
  ["听不见任何人声。", "noise", "no-speech agrees"],
  ["标题是《钢琴曲》，但只有风声。", "noise", "–"],
  ["牌子上写着“请勿说话”。", "noise", "–"],
  ["除了雨声，没有任何声音。", "noise", "–"],
  ["他不会说英语。", DE, "–"],
  ["一段英语演讲。", DE, "speech agrees, language contradicts"],
  ["女声合唱。", "a song, 120 beats a minute", "music agrees"],
  ["不断有人说话。", "noise", "speech contradicts"]
]
const told = ([text, file]: (typeof cases)[number]) =>
  checksOf({ node: "caption", text, span: undefined }, files[file])
    .map(({ agrees, claim }) => `${claim} ${agrees ? "agrees" : "contradicts"}`)
    .join(", ") || "–"

describe("evidence", () => {
  it.each(cases)("'%s' of %s: %s", (text, file, expected) => expect(told([text, file, expected])).toBe(expected))

  it("holds each window against what was measured of it, and labels too", () =>
    Effect.gen(function* () {
      const caption = new Caption({
        text: "Somebody talks, then nobody does.",
        segments: [
          new CaptionSegment({ startSeconds: 0, endSeconds: 15, text: "Somebody talks." }),
          new CaptionSegment({ startSeconds: 15, endSeconds: 30, text: "A voice goes on." })
        ],
        model: "m",
        provider: "x",
        omitted: []
      })
      const tags = new Tags({ vocabulary: "emotion@1", tags: [new Tag({ label: "sad", raw: "sad" })], model: "m", provider: "x" })
      const { checks } = yield* evidence.run(
        {
          said: [
            { node: "caption", value: caption },
            { node: "emotion", value: tags },
            { node: "describe", value: new Caption({ ...caption, model: "describe" }) }
          ],
          sound: acoustics(),
          speech: speechOf([1, 12]),
          probe: undefined
        },
        {}
      )
      expect(checks.map(({ agrees, claim, node, startSeconds }) => [node, claim, agrees, startSeconds])).toEqual([
        ["caption", "speech", true, 0],
        ["caption", "speech", false, 15],
        ["emotion", "speech", true, undefined]
      ])
    }).pipe(Effect.runPromise))

  it("says nothing where nothing was measured", () => {
    const nothing = measuredOf({ probe: undefined, sound: undefined, speech: undefined })
    for (const [text] of cases) expect(checksOf({ node: "caption", text, span: undefined }, nothing)).toEqual([])
  })

  it("is as the table in docs/ says", async () => {
    const rows = cases.map((one) => [one[0], one[1], told(one)])
    await expect(`# Evidence: what measurements say to claims

The stage \`evidence\` looks for claims in captions and tags and holds them against what \`acoustic\`, \`speech\` and the container say. It reads English and Chinese, changes no text, and says nothing where the measurements leave a claim open.

${markdown([["said", "of", "told"], ...rows])}

Where it fails:

- It reads words in clauses, not sentences: a piano that is only dusted is taken for music, and an engine that speaks of power for speech.
- **Speech** is as good as the detector: sung words and whispers may not be found, and then a true caption is doubted. Without the stage \`speech\` only silence contradicts it.
- **Music** without key and tempo that is as flat as noise is doubted: so is some noise music, rightly made.
- **Several speakers** are only doubted where there is hardly any speech: voices aren't told apart.
- **Loudness**, tempo and key are those of the whole file: claims about a window are checked for speech and silence alone.
- **Language** is checked only where the container names one.
`).toMatchFileSnapshot("../../../../docs/evidence.md")
  })
})
