import { createResource, createSignal, onMount, Show } from "solid-js"
import { call, Problem } from "../api/ApiClient.js"
import type { Word } from "../item/Said.js"
import { count, money, words } from "../words/Locale.js"

interface Props {
  readonly mediaId: number
  readonly word: Word
  readonly ask: (note: string) => void
  readonly cancel: () => void
}

/** Models that take sound alone. */
const isDeaf = ({ model }: Word): boolean => /captioner/i.test(model)

/** A note to the model, and what it costs to ask it again. */
export const RedoForm = (props: Props) => {
  let field: HTMLTextAreaElement | undefined
  const [note, setNote] = createSignal("")
  const [price] = createResource(() => {
    const { node, pipeline } = props.word
    return call("review", "price", { urlParams: { mediaId: props.mediaId, pipeline, node } })
  })
  onMount(() => field?.focus())
  const refusal = () => (price.error instanceof Problem ? price.error : undefined)
  const cost = () => {
    if (refusal() !== undefined) return ""
    const found = price()
    if (found === undefined) return words().review.pricing
    const { redoCost, redoFree, redoUnpriced } = words().review
    if (found.requests === 0) return redoFree
    const paid = found.cost.map(({ amount, currency }) => money(amount, currency)).join(" + ")
    return [
      ...(paid === "" ? [] : [redoCost(count(found.requests), paid)]),
      ...(found.unpriced > 0 ? [redoUnpriced(count(found.unpriced))] : [])
    ].join(" · ")
  }
  // Its cost is said first.
  const isKnown = () => price.state === "ready"
  const ask = () => isKnown() && props.ask(note())
  return (
    <form
      class="note"
      onSubmit={(event) => {
        event.preventDefault()
        ask()
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return
        event.preventDefault()
        props.cancel()
      }}
    >
      <label for={`note-${props.word.node}`}>{words().review.note}</label>
      <textarea
        ref={field}
        id={`note-${props.word.node}`}
        rows="2"
        maxlength={2000}
        placeholder={words().review.noteHint}
        value={note()}
        onInput={({ currentTarget }) => setNote(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return
          event.preventDefault()
          ask()
        }}
      />
      <Show when={isDeaf(props.word)}>
        <p class="muted">{words().review.noteUnheard(props.word.model)}</p>
      </Show>
      <p role="status" class="muted">
        {cost()}
      </p>
      <Show when={refusal()}>
        {(problem) => (
          <p class="problem" role="alert">
            {problem().message}
          </p>
        )}
      </Show>
      <div class="line">
        <button type="submit" class="button button-main" disabled={!isKnown()}>
          {words().review.redo} <kbd>↵</kbd>
        </button>
        <button type="button" class="button" onClick={() => props.cancel()}>
          {words().cancel} <kbd>Esc</kbd>
        </button>
      </div>
    </form>
  )
}
