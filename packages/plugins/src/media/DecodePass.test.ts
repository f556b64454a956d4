import { describe, expect, it } from "@effect/vitest"
import { passes } from "./DecodePass.js"
import type { Inspection } from "./Inspection.js"
import type { MediaRequest } from "./MediaRequest.js"
import type { AudioCopy } from "./requests/audioCopy.js"

const inspection: Inspection = {
  size: 1,
  container: "mov",
  durationSeconds: 100,
  streams: [
    { index: 0, type: "picture", codec: "mjpeg", width: 9, height: 9 },
    { index: 1, type: "video", codec: "h264", width: 64, height: 48 },
    { index: 2, type: "audio", codec: "aac", sampleRate: 48000, channels: 2 }
  ],
  tags: {}
}
const made = (...requests: ReadonlyArray<MediaRequest>) => passes({ url: "file:/x", inspection, requests })
const cut = (startSeconds: number, durationSeconds: number): AudioCopy => ({
  ...{ _tag: "AudioCopy", path: "x", container: "wav", codec: "pcm_s16le" },
  cut: { startSeconds, durationSeconds }
})

describe("passes", () => {
  it("decodes the sound once for all that listen", () => {
    const [pass, ...more] = made({ _tag: "Loudness" }, { _tag: "Levels" }, cut(10, 5))
    expect(more).toEqual([])
    expect(pass).toMatchObject({ _tag: "SoundPass", origin: 0, handlers: [{ place: 0 }, { place: 1 }, { place: 2 }] })
    expect(pass).not.toHaveProperty("seconds")
  })

  it("decodes no more than the cuts and their decoder need", () => {
    expect(made(cut(30, 10), cut(20, 5))).toMatchObject([{ origin: 19.5, seconds: 20.5 }])
    expect(made(cut(0.2, 5))).toMatchObject([{ origin: 0, seconds: 5.2 }])
    expect(made({ _tag: "Samples", path: "x", sampleRate: 8000, maxSeconds: 15 })).toMatchObject([{ origin: 0, seconds: 15 }])
  })

  it("looks at the moving picture, not at the cover, and not behind the end", () => {
    const frame = { _tag: "Frame", path: "x", format: "png", width: 9 } as const
    expect(made({ ...frame, atSeconds: 7 }, { ...frame, atSeconds: 700 })).toMatchObject([
      { _tag: "FramePass", at: 7, picture: { index: 1 } },
      { _tag: "FramePass", at: 99.5 }
    ])
  })
})
