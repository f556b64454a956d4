import { SampleMedia } from "@mediaspool/plugins/testing"
import { Effect } from "effect"
import { existsSync, mkdirSync } from "node:fs"
import { join } from "node:path"

const sounds = [
  ["chords.wav", () => SampleMedia.wav("chords", { seconds: 8, channels: 2 })],
  ["drum-loop.wav", () => SampleMedia.wav("drums", { seconds: 8 })],
  ["noise.wav", () => SampleMedia.wav("noise", { seconds: 4 })],
  ["sweep.wav", () => SampleMedia.wav("sweep", { seconds: 5 })],
  ["silence.wav", () => SampleMedia.wav("silence", { seconds: 3 })],
  ["too-loud.wav", () => SampleMedia.wav("clipped", { seconds: 3 })],
  ["sub folder/speech-like.wav", () => SampleMedia.wav("speech", { seconds: 6, sampleRate: 22050 })],
  ["video-with-sound.avi", () => SampleMedia.avi("chords", { seconds: 4, seed: 2 })],
  ["video-without-sound.avi", () => SampleMedia.avi(undefined, { seconds: 2 })],
  // Not every file that people have is whole.
  ["broken.wav", () => SampleMedia.wav("tone", { seconds: 2 }).subarray(0, 30)]
]

/** Fills a folder with sounds and clips, synthesised here; what is there already stays. Gives how many there are. */
export const makeSounds = async (folder) => {
  for (const [name, bytes] of sounds) {
    if (existsSync(join(folder, name))) continue
    mkdirSync(join(folder, name, ".."), { recursive: true })
    await Effect.runPromise(SampleMedia.write(folder, name, bytes()))
  }
  return sounds.length
}
