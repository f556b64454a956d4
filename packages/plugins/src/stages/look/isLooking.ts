import { Node } from "@mediaspool/core"
import { Effect } from "effect"
import { VideoFile } from "../../kinds.js"

/** Whether a node that takes sound or video is wired to video, asked before anything runs: prompt, key and price depend on it. */
export const isLooking = (port: string): Effect.Effect<boolean> =>
  Effect.map(Node, ({ kinds }) => kinds?.[port]?.includes(VideoFile._tag) === true)
