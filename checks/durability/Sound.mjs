// Media for the checks: synthesised, small, and of every sort that matters here.
import { SampleMedia } from "@mediaspool/plugins/testing"
import { writeFileSync } from "node:fs"
import { join } from "node:path"

const sounds = ["noise", "drums", "chords", "sweep"]

/** A short recording that no other number gives. */
export const recording = (number, seconds = 1) =>
  SampleMedia.wav(sounds[number % sounds.length], {
    seconds: seconds + (number % 500) / 500,
    sampleRate: 8_000,
    seed: number + 1
  })

const first = { "long.wav": recording(0, 3), "a copy.wav": recording(0, 3), "broken.mp3": Buffer.from("this is no recording") }

/** What a first folder holds: a recording of several windows, a copy of it under another name, and one that is broken. */
export const fill = (inbox) => {
  for (const [name, bytes] of Object.entries(first)) writeFileSync(join(inbox, name), bytes)
}

/** The same, without names. */
export const contents = Object.values(first)
