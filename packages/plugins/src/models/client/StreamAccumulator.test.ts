import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import * as StreamAccumulator from "./StreamAccumulator.js"

const frame = (data: unknown, comments: ReadonlyArray<string> = []) => ({
  event: undefined,
  data: typeof data === "string" ? data : JSON.stringify(data),
  comments
})
const delta = (content: string | null, finish: string | null = null, more: object = {}) =>
  frame({ choices: [{ index: 0, delta: { content, ...more }, finish_reason: finish }], usage: null })
const usage = frame({ choices: [], usage: { prompt_tokens: 20, completion_tokens: 6, total_tokens: 26 } })
const native = (text: string, finish: string) =>
  frame({
    output: { choices: [{ message: { content: [{ text }] }, finish_reason: finish }] },
    usage: { input_tokens: 1, output_tokens: 1 }
  })

const add = (accumulator: StreamAccumulator.StreamAccumulator, ...frames: ReadonlyArray<ReturnType<typeof frame>>) =>
  frames.map((one) => accumulator.add(one)._tag)
const textIn = (body: string | undefined) => (body === undefined ? undefined : JSON.parse(body).choices[0].message.content)

describe("StreamAccumulator", () => {
  it("tells what says something from what doesn't", () => {
    const accumulator = StreamAccumulator.compatible()
    expect(
      add(
        accumulator,
        delta(""),
        delta(null),
        delta("a"),
        delta(null, null, { reasoning_content: "hm" }),
        frame("no JSON"),
        frame({ choices: [] }),
        delta("", "stop"),
        usage,
        frame("[DONE]")
      )
    ).toEqual(["Nothing", "Nothing", "Said", "Said", "Nothing", "Nothing", "Said", "Said", "Done"])
    expect(textIn(accumulator.body())).toBe("a")
  })

  it("is whole with a finish reason and usage, or with a text and [DONE]", () => {
    for (const [frames, whole] of [
      [[delta("a", "stop")], false],
      [[delta("a"), usage], false],
      [[delta("a"), frame("[DONE]")], true],
      [[delta(""), usage, frame("[DONE]")], false],
      [[delta("a", "stop"), usage], true],
      [[usage, delta("a", "stop")], true],
      [[delta("a", "stop"), frame("[DONE]")], true]
    ] as const) {
      const accumulator = StreamAccumulator.compatible()
      add(accumulator, ...frames)
      expect(accumulator.body() !== undefined).toBe(whole)
    }
  })

  it("takes a text that comes in parts, as some gateways write it", () => {
    const accumulator = StreamAccumulator.compatible()
    const parts = [{ type: "text", text: "a " }, { type: "thinking" }, { type: "text", text: "b" }]
    add(accumulator, frame({ choices: [{ delta: { content: parts } }] }), delta("", "stop"), usage)
    expect(textIn(accumulator.body())).toBe("a b")
  })

  it("takes the usage of a chunk without choices, and no empty error for one", () => {
    for (const last of [{}, { choices: null }, { choices: null, error: null }, { choices: [], error: {} }]) {
      const accumulator = StreamAccumulator.compatible()
      add(accumulator, delta("a", "stop"), frame({ ...last, usage: { prompt_tokens: 20, completion_tokens: 6 } }))
      expect(accumulator.body()).toContain('"prompt_tokens":20')
    }
  })

  it("takes a part of an answer for no answer, when the service gave it up", () => {
    const broken = { code: 502, message: "upstream broke" }
    const choice = { index: 0, delta: { content: "" }, finish_reason: "error" }
    for (const last of [
      delta("", "abort"),
      delta("", "error"),
      delta("", "insufficient_system_resource"),
      frame({ choices: [choice], error: broken }),
      frame({ choices: [{ ...choice, finish_reason: null, error: broken }] }),
      frame({ choices: [], error: broken })
    ]) {
      const accumulator = StreamAccumulator.compatible()
      expect(add(accumulator, delta("a pia"), last)).toEqual(["Said", "Fault"])
    }
  })

  it("takes the one choice that was asked for, a whole message in an event, and a refusal", () => {
    const accumulator = StreamAccumulator.compatible()
    add(accumulator, delta("a "), frame({ choices: [{ index: 1, delta: { content: "x" }, finish_reason: "stop" }] }))
    add(accumulator, frame({ choices: [{ message: { content: "b" }, finish_reason: "stop" }] }), usage)
    expect(textIn(accumulator.body())).toBe("a b")
    const refusing = StreamAccumulator.compatible()
    add(refusing, delta(null, null, { refusal: "I " }), delta(null, "stop", { refusal: "won't" }), usage)
    expect(refusing.body()).toContain('"refusal":"I won\'t"')
  })

  it("ends DashScope's own protocol with its last frame", () => {
    const accumulator = StreamAccumulator.native()
    expect(add(accumulator, native("a", "null"), native("", "null"), native("b", "stop"))).toEqual(["Said", "Said", "Done"])
    expect(JSON.parse(accumulator.body() ?? "").output.choices[0].message.content).toEqual([{ text: "ab" }])
  })

  const pieces = fc.constantFrom(
    delta("a"),
    delta(""),
    delta(null, "stop"),
    usage,
    frame("[DONE]"),
    frame({ error: { message: "m", code: "internal_error" } }),
    frame({ code: "internal_error", message: "m" }),
    frame("{"),
    frame({}),
    frame({ choices: [null] }),
    frame({ output: { choices: [{}] } }),
    native("b", "null"),
    native("b", "stop")
  )
  it.prop(
    "takes frames in every order, and calls whole only what says why it ended",
    [fc.array(pieces, { maxLength: 12 })],
    ([frames]) => {
      for (const make of [StreamAccumulator.compatible, StreamAccumulator.native]) {
        const accumulator = make()
        add(accumulator, ...frames)
        const body = accumulator.body()
        expect(body === undefined || /"finish_reason":"stop"/.test(body)).toBe(true)
        expect(accumulator.missing()).not.toBe("")
      }
    }
  )
})
