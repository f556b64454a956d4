import type { Reply } from "../api/ApiClient.js"
import type { Figures } from "../words/en.js"
import { clock, words } from "../words/Locale.js"

export type Doubt = Reply<"review", "queue">["next"][number]["doubts"][number]

/** A reason's name; others' own reasons are shown by theirs. */
export const reasonName = (reason: string): string => {
  const known: Readonly<Record<string, string>> = words().review.reasons
  return known[reason] ?? reason
}

/** Why something is doubted, in words: the page's own where it has some, else those that came with the row. */
export const Reason = (props: { readonly doubt: Doubt }) => {
  const text = () => {
    const known: Readonly<Record<string, ((figures: Figures) => string) | undefined>> = words().review.details
    return known[props.doubt.reason]?.(props.doubt.figures) ?? props.doubt.detail
  }
  return (
    <p class="reason">
      <strong>{reasonName(props.doubt.reason)}</strong> <bdi>{text()}</bdi>
      {props.doubt.startSeconds === null
        ? ""
        : ` (${clock(props.doubt.startSeconds)} – ${clock(props.doubt.endSeconds ?? props.doubt.startSeconds)})`}
    </p>
  )
}
