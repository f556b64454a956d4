import { Failure } from "@mediaspool/core"

/** Why a media file gave nothing. */
export class MediaError extends Failure.Class<MediaError>()("MediaError", {
  EmptyFile: { retry: "never", help: "The file has no bytes. Copy it again from where it came." },
  NotMedia: {
    retry: "never",
    help: "The content is no audio or video that the engine reads, whatever the name says. Remove it or exclude it."
  },
  PlaylistRefused: {
    retry: "never",
    help: "The file is a playlist that points at other files. Put those files into the folder instead."
  },
  CodecRefused: {
    retry: "never",
    help: "The engine's whitelist or build leaves this codec out. Convert the file with a tool that you trust."
  },
  Undecodable: {
    retry: "never",
    help: "The content can't be decoded. Check whether it plays elsewhere; if it does, report it, and if not, copy it again or repair it."
  },
  Truncated: {
    retry: "never",
    help: "The file ends before its own header says. Copy it again if the original is longer; a recording that was cut off can be repaired by remuxing it."
  },
  EngineUnable: {
    retry: "never",
    help: "The file is whole, but this media engine can't read it. Install the optional package node-av or a newer ffmpeg and run `spool requeue`, or convert the file."
  },
  NoAudio: { retry: "skip", help: "There is no sound in this file; stages that listen don't apply." },
  NoVideo: { retry: "skip", help: "There are no moving pictures in this file; stages that look don't apply." },
  TooShort: { retry: "skip", help: "The sound is shorter than one frame; stages that need more don't apply." },
  TooLarge: { retry: "never", help: "The output would pass the stage's ceiling. Raise the ceiling or lower the bit rate." },
  TooManyChannels: {
    retry: "never",
    help: "The copy's codec can't hold that many channels. Set `channels: 2` (or 1), or take `format: wav`, which holds up to 64."
  },
  SampleRateTooHigh: {
    retry: "never",
    help: "The copy's codec can't hold that sample rate. Set `sampleRate: 48000` (or 192000), or take `format: wav`, which keeps any."
  },
  EngineTimedOut: {
    retry: "now",
    help: "The media engine made no progress in the time allowed. Raise the node's `timeout`, or look at the machine's load."
  },
  EngineFailed: { retry: "now", help: "The engine ended unexpectedly. `spool doctor` checks it; another try may succeed." },
  EngineMissing: { retry: "config", help: "Install ffmpeg, set FFMPEG_PATH, or install the optional package node-av." },
  EngineUnsafe: {
    retry: "config",
    help: "This engine follows playlists to other files. Install a newer ffmpeg, or take FFMPEG_PATH away and install node-av."
  },
  DiskFull: { retry: "later", help: "Free some space on the state folder's disk; the work waits until then." },
  Unreadable: { retry: "now", help: "The file can't be opened. Check its permissions." }
}) {}
