import { stringify } from "yaml"

/** Text on one line as YAML gives it back, quoted only where it must be. */
const quoted = (text: string): string =>
  /[\p{Cc}\p{Zl}\p{Zp}]/u.test(text) ? JSON.stringify(text) : stringify(text, { lineWidth: 0 }).trimEnd()

/** What measures, and says only what was measured. */
const measured = `      # A small copy of the sound, as speech and sound models like it.
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
`

/** What listens, for which a key is needed. */
const listened = `      # What is sent: a small copy of the sound, and all that the models hear anyway.
      copy: { use: transcode, with: { format: mp3, sampleRate: 16000, channels: 1, bitrate: 48k } }

      # A description in words, window by window; \`window: whole\` asks about up to 40 minutes in one request.
      caption: { retry: { times: 4 } }
      # The same without preambles and what was said twice.
      clean: { use: post-process, with: { language: en } }

      # Labels. There is the vocabulary \`mood\` too, for music, and your own go under \`vocabularies\`.
      emotion: { use: omni-tags, with: { vocabulary: emotion }, retry: { times: 4 } }
      instruments: { use: omni-tags, with: { vocabulary: instruments }, retry: { times: 4 } }
      # Anything else that you want to know:
      # speech: { use: omni-ask, with: { prompt: "Which language is spoken, and about what?" } }

      # Loudness, peaks, silences, brightness, tempo and key, measured on this machine.
      acoustic: {}
`

const account = `
# Who listens: dashscope-intl is Singapore, dashscope-cn Beijing; a key belongs to one of them and lies in DASHSCOPE_API_KEY.
# vllm and sglang are servers of your own. To try all of it without a key, run \`spool emulator\` and paste what it prints here.
defaults: { provider: dashscope-intl }

# What your account allows, where it isn't the 60 requests and 100,000 tokens a minute of a new one:
# providers: { dashscope-intl: { rpm: 600, tpm: 1000000 } }
`

/**
 * A first `spool.yaml`, which shows in comments what else there is. It works at once, without a key, unless it is one for captions.
 *
 * @param folder where the media are, as the config shall name it
 * @param firstLine what an editor looks for
 */
export const firstConfig = (folder: string, firstLine: string, captions = false): string => `${firstLine}
#
# What happens to every sound and video of a folder. \`spool check\` says whether this file is right, \`spool run\` does the work:
# only what is new, or depends on something that changed. Everything that is kept lies in .spool/ beside this file;
# the media themselves are never touched.
${captions ? account : ""}
pipelines:
  sounds:
    source:
      folder: ${quoted(folder)}
      # include: ["**/*.{wav,mp3,flac}"]     # left out: all sound and video, by content
      # exclude: ["**/drafts/**"]

    # Steps, each with a name of your choice. \`use\` says which stage it is when the name doesn't; \`spool stages\` lists them.
    # A step takes what it needs from the steps above it.
    stages:
      probe: {}

${captions ? listened : measured}
      # Keeps all of it in the library: tables in .spool/spool.db that any SQLite tool reads, with full-text search.
      persist: {}
`
