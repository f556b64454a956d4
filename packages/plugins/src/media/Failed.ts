import type { Reading } from "./Outcome.js"

/** Why a want was not met. */
export type Failed = Extract<Reading, { readonly _tag: "Failed" }>

export const failed = (code: Failed["code"], detail: string): Failed => ({ _tag: "Failed", code, detail })
