import type { Inspection } from "./Inspection.js"

/** Whether several recordings stand behind each other: such a file can't be entered by its times. */
export const isJoined = ({ isJoined, parts = [] }: Inspection): boolean => isJoined === true || parts.length > 1

/** Whether that changes what is heard: FLACs of one shape were always read on. */
export const readsApart = (inspection: Inspection): boolean =>
  isJoined(inspection) && (inspection.container !== "flac" || inspection.parts !== undefined)
