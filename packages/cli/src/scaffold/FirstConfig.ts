import { stringify } from "yaml"

/** Text on one line as YAML gives it back, quoted only where it must be. */
const quoted = (text: string): string =>
  /[\p{Cc}\p{Zl}\p{Zp}]/u.test(text) ? JSON.stringify(text) : stringify(text, { lineWidth: 0 }).trimEnd()

/**
 * A first `spool.yaml`: it works at once, without a key, and shows in comments what else there is.
 *
 * @param folder where the media are, as the config shall name it
 * @param firstLine what an editor looks for
 */
export const firstConfig = (folder: string, firstLine: string): string => `${firstLine}
#
# What happens to every sound and video of a folder. \`spool check\` says whether this file is right, \`spool run\` does the work:
# only what is new, or depends on something that changed. Everything that is kept lies in .spool/ beside this file;
# the media themselves are never touched.

pipelines:
  sounds:
    source:
      folder: ${quoted(folder)}
      # include: ["**/*.{wav,mp3,flac}"]     # left out: every media type that the engine reads
      # exclude: ["**/drafts/**"]

    # Steps, each with a name of your choice. \`use\` says which stage it is when the name doesn't; \`spool stages\` lists them.
    # A step takes what it needs from the steps above it.
    stages:
      probe: {}

      # A small copy of the sound, as speech and sound models like it.
      copy: { use: transcode, with: { format: mp3, sampleRate: 16000, channels: 1 } }

      # Loudness, peaks, silences, brightness, tempo and key; and a caption in sentences that claims only what was measured.
      acoustic: {}
      describe: {}

      # A picture of the level over time.
      waveform: {}

      # With a key for a model that listens, captions and tags say what is heard (\`spool check --env\` looks for the key):
      # caption: { with: { provider: dashscope-intl } }
      # emotion: { use: omni-tags, with: { vocabulary: emotion, provider: dashscope-intl } }
      # instruments: { use: omni-tags, with: { vocabulary: instruments, provider: dashscope-intl } }

      # Keeps all of it in the library: tables in .spool/spool.db that any SQLite tool reads, with full-text search.
      persist: {}
`
