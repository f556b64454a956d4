import { createEffect, createSignal, For, type JSX, onCleanup, Show } from "solid-js"
import { call, Problem } from "../api/ApiClient.js"
import { useKeys } from "../layout/Keys.js"
import { say } from "../layout/Notice.js"
import { UndoSteps } from "../layout/UndoSteps.js"
import { words } from "../words/Locale.js"
import { type Draft, Editor } from "./Editor.js"
import { RedoForm } from "./RedoForm.js"
import { holding, type Word } from "../item/Said.js"
import type { Region } from "../player/Waveform.js"

type Verdict = "accepted" | "corrected" | "redo" | "skipped"

interface Props {
  readonly mediaId: number
  readonly word: Word
  readonly seconds: number | undefined
  /** Called when something was judged, or taken back. */
  readonly changed: (verdict: Verdict | "undone") => void
  /** Whether the keys act on this word: one at a time. */
  readonly keys: boolean
  /** Told which stretch the editor has in hand, for the waveform; undefined: none. */
  readonly region?: (region: Region | undefined) => void
  /** A stretch that was drawn on the waveform. */
  readonly drawn?: Region | undefined
  readonly children: JSX.Element
}

/** How many words are being corrected: what is under somebody's hands is not taken away by what changes meanwhile. */
const [underHand, setUnderHand] = createSignal(0)
export const isJudging = (): boolean => underHand() > 0

/** What was done last: taken back by one key, without asking. */
const done = new UndoSteps<{ readonly correction: number; readonly changed: (verdict: "undone") => void }>()

/** What is on its way to the server: the library's change may be heard before its answer. */
let sent: Promise<unknown> = Promise.resolve()

export const undo = async (): Promise<void> => {
  await sent.catch(() => undefined)
  const last = done.pop()
  if (last === undefined) return
  try {
    await call("review", "undo", { path: { id: last.correction } })
    say(words().review.said.undone)
  } catch (cause) {
    say(cause instanceof Problem ? cause.message : words().connection.lost)
  }
  last.changed("undone")
}

/** Accept, correct, redo, skip: with buttons and keys. Somebody else's word in the meantime is shown, and one chooses. */
export const Judging = (props: Props) => {
  const [mode, setMode] = createSignal<"look" | "edit" | "note">("look")
  const [conflict, setConflict] = createSignal<{
    readonly draft: Partial<Draft>
    readonly verdict: Verdict
    readonly basis: number | null
    readonly theirs: string
  }>()

  const judge = async (
    verdict: Verdict,
    draft: Partial<Draft> & { readonly note?: string } = {},
    basis = props.word.correction?.id ?? null
  ) => {
    const { node, pipeline } = props.word
    try {
      const judged = call("review", "judge", {
        payload: { mediaId: props.mediaId, pipeline, node, basis, verdict, ...draft }
      })
      sent = judged
      const made = await judged
      done.push({ correction: made.id, changed: props.changed })
      setConflict(undefined)
      setMode("look")
      say(`${words().review.said[verdict]} · ${words().review.undo}: Z`)
      props.changed(verdict)
    } catch (cause) {
      if (!(cause instanceof Problem)) return
      if (cause.status === 409) setConflict(conflictOf(cause, draft, verdict))
      else say(cause.message === "" ? words().connection.lost : cause.message)
    }
  }
  if (props.keys)
    useKeys({
      a: () => (mode() === "look" ? void judge("accepted") : false),
      e: () => void setMode("edit"),
      r: () => void setMode("note"),
      x: () => (mode() === "look" ? void judge("skipped") : false),
      z: () => void undo()
    })
  createEffect(() => {
    if (mode() === "look" && conflict() === undefined) return
    setUnderHand((now) => now + 1)
    onCleanup(() => setUnderHand((now) => now - 1))
  })
  /** The keys act on one word at a time: only that one shows them. */
  const actions = [
    { key: "a", label: () => words().review.accept, act: () => void judge("accepted") },
    { key: "e", label: () => words().review.edit, act: () => setMode("edit") },
    { key: "r", label: () => words().review.redo, act: () => setMode("note") },
    { key: "x", label: () => words().review.skip, act: () => void judge("skipped") }
  ] as const
  let group: HTMLDivElement | undefined
  const leave = () => {
    setMode("look")
    props.region?.(undefined)
    // What was in focus is gone with its form.
    group?.focus({ preventScroll: true })
  }
  return (
    <div ref={group} class="judging" role="group" aria-label={props.word.node} tabindex="-1">
      <Show when={mode() === "edit"} fallback={props.children}>
        <Editor
          word={props.word}
          initial={holding(props.word)}
          seconds={props.seconds}
          region={props.region}
          drawn={props.drawn}
          save={(draft) => void judge("corrected", draft)}
          cancel={leave}
        />
      </Show>
      <Show when={mode() === "note"}>
        <RedoForm mediaId={props.mediaId} word={props.word} ask={(note) => void judge("redo", { note })} cancel={leave} />
      </Show>
      <Show when={conflict()}>
        {(found) => (
          <div class="problem-box" role="alert">
            <p>
              <strong>{words().review.conflict}</strong>
            </p>
            <p>
              <bdi>{found().theirs}</bdi>
            </p>
            <div class="line">
              <button
                type="button"
                class="button"
                onClick={() => {
                  setConflict(undefined)
                  leave()
                  props.changed("undone")
                }}
              >
                {words().review.theirs}
              </button>
              <button
                type="button"
                class="button button-main"
                onClick={() => void judge(found().verdict, found().draft, found().basis)}
              >
                {words().review.mine}
              </button>
            </div>
          </div>
        )}
      </Show>
      <Show when={mode() === "look"}>
        <div class="line judging-keys">
          <For each={actions}>
            {({ act, key, label }) => (
              <button
                type="button"
                class="button"
                classList={{ "button-main": props.keys && key === "a" }}
                aria-keyshortcuts={props.keys ? key : undefined}
                onClick={act}
              >
                {label()}
                <Show when={props.keys}>
                  {" "}
                  <kbd>{key.toUpperCase()}</kbd>
                </Show>
              </button>
            )}
          </For>
        </div>
      </Show>
    </div>
  )
}

/** What stands by now, of an answer 409. */
const conflictOf = (problem: Problem, draft: Partial<Draft>, verdict: Verdict) => {
  const standing: unknown = Reflect.get(Object(problem.body), "standing")
  const id: unknown = Reflect.get(Object(standing), "id")
  const text: unknown = Reflect.get(Object(standing), "text")
  const tags: unknown = Reflect.get(Object(standing), "tags")
  const labels = Array.isArray(tags) ? tags.map((tag: unknown) => String(Reflect.get(Object(tag), "label"))).join(", ") : ""
  return {
    draft,
    verdict,
    basis: typeof id === "number" ? id : null,
    theirs: typeof text === "string" ? text : labels === "" ? problem.message : labels
  }
}
