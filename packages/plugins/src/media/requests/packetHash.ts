import type { ResultOf, SoundRequest } from "../RequestHandler.js"

/** A hash of the sound as it stands in the file, without decoding: the same in other containers and with other tags. */
export interface PacketHash extends SoundRequest {
  readonly _tag: "PacketHash"
  /** Where it is written, as a line. */
  readonly path: string
}

/** Carries out a request for the packets of a sound track. */
export interface PacketsHandler<Result> {
  readonly _tag: "Packets"
  readonly request: PacketHash
  readonly answer: ResultOf<Result>
}

const LINE = /^SHA256=([0-9a-f]{64})\n$/

/** The line, as ffmpeg's muxer `hash` writes it. */
export const line = (hash: string): string => `SHA256=${hash}\n`

export const packetHash = (request: PacketHash): PacketsHandler<{ readonly hash: string }> => ({
  _tag: "Packets",
  request,
  answer: {
    _tag: "FromBytes",
    result: (bytes) => {
      const [, hash] = LINE.exec(bytes.toString("latin1")) ?? []
      return hash === undefined ? undefined : { hash }
    }
  }
})
