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

/** What a first folder holds: a recording of several windows, a copy of it under another name, and one that is broken. */
export const fill = (inbox) => {
  writeFileSync(join(inbox, "long.wav"), recording(0, 3))
  writeFileSync(join(inbox, "a copy.wav"), recording(0, 3))
  writeFileSync(join(inbox, "broken.mp3"), "this is no recording")
}
