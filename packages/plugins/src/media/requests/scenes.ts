import * as SceneMeter from "../../meters/SceneMeter.js"
import { type PicturesHandler, type PicturesRequest, steady } from "./pictures.js"

/** Where the picture changes at once. Small pictures are kept at `path` while they are compared. */
export interface Scenes extends PicturesRequest {
  readonly _tag: "Scenes"
  /** 0 to 1: how much of the picture has to change between two pictures. */
  readonly threshold: number
  /** Shorter scenes are part of the one before. */
  readonly minimumSeconds: number
}

export interface ScenesResult {
  /** Of the first to the last picture, without gaps, in seconds of the file. */
  readonly scenes: ReadonlyArray<SceneMeter.Scene>
  /** How many pictures were compared. */
  readonly pictures: number
}

export const scenes = (request: Scenes): PicturesHandler<ScenesResult> => ({
  _tag: "Pictures",
  request,
  codec: "rawvideo",
  filters: (seconds) => `${steady(request.rate, seconds)},scale=${SceneMeter.WIDTH}:${SceneMeter.HEIGHT}:flags=area,format=rgb24`,
  answer: {
    _tag: "FromBytes",
    result: (bytes) => SceneMeter.measure(bytes, { ...request, startSeconds: request.cut?.startSeconds ?? 0 })
  }
})
