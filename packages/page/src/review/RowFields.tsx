import { For, type JSX } from "solid-js"
import { Icon } from "../layout/Icon.js"
import { words } from "../words/Locale.js"

interface Props<A> {
  readonly legend: string
  readonly rows: ReadonlyArray<A>
  /** The fields of one row. */
  readonly children: (row: A, index: () => number) => JSX.Element
  readonly active?: number | undefined
  readonly enter?: ((index: number) => void) | undefined
  readonly remove: (index: number) => void
  readonly addLabel: string
  readonly add: () => void
}

/** A list of rows that a person edits: each can be removed, and one more added at the end. */
export const RowFields = <A,>(props: Props<A>) => (
  <fieldset class="parts">
    <legend>{props.legend}</legend>
    <For each={props.rows}>
      {(row, i) => (
        <div class="part" classList={{ "part-active": props.active === i() }} onFocusIn={() => props.enter?.(i())}>
          {props.children(row, i)}
          <button type="button" class="icon-button" aria-label={words().review.remove} onClick={() => props.remove(i())}>
            <Icon name="close" />
          </button>
        </div>
      )}
    </For>
    <button type="button" class="button" onClick={() => props.add()}>
      {props.addLabel}
    </button>
  </fieldset>
)

/** A field of a row; its label is for screen readers alone. */
export const RowField = (props: {
  readonly label: string
  readonly value: string
  readonly maxLength: number
  /** Takes the width that is left. */
  readonly wide?: boolean
  readonly set: (value: string) => void
}) => (
  <label classList={{ "part-text": props.wide === true }}>
    <span class="sr">{props.label}</span>
    <input value={props.value} maxlength={props.maxLength} onInput={({ currentTarget }) => props.set(currentTarget.value)} />
  </label>
)

/** Seconds; what is no number counts as 0. */
export const RowTime = (props: { readonly label: string; readonly seconds: number; readonly set: (seconds: number) => void }) => (
  <label>
    <span class="sr">{props.label}</span>
    <input
      inputmode="decimal"
      class="time-input"
      value={props.seconds}
      onChange={({ currentTarget }) => {
        const seconds = Number(currentTarget.value.replace(",", "."))
        props.set(Number.isFinite(seconds) ? Math.max(0, seconds) : 0)
      }}
    />
  </label>
)
