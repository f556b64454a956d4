import { createEffect, createSignal, For, onMount } from "solid-js"
import { words } from "../words/Locale.js"
import { Icon } from "./Icon.js"

const [isShown, showKeys] = createSignal(false)
export { showKeys }

const list = (): ReadonlyArray<readonly [string, string]> => {
  const { keys } = words()
  return [
    ["/", keys.query],
    ["j k ↓ ↑", keys.rows],
    ["␣", keys.play],
    ["← →", keys.seek],
    ["⇧← ⇧→", keys.seekFine],
    ["[ ]", keys.sentence],
    ["↵", keys.item],
    ["f", keys.facets],
    ["a", keys.accept],
    ["e", keys.edit],
    ["r", keys.redo],
    ["x", keys.skip],
    ["z", keys.undo],
    ["a x o", keys.duplicates],
    ["g l v r f d", keys.go],
    ["?", keys.all]
  ]
}

/** Every key of the page. */
export const KeysDialog = () => {
  let dialog: HTMLDialogElement | undefined
  onMount(() => dialog?.addEventListener("close", () => showKeys(false)))
  createEffect(() => {
    if (isShown() && dialog?.open === false) dialog.showModal()
    else if (!isShown()) dialog?.close()
  })
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="keys-title">
      <div class="dialog-head">
        <h2 id="keys-title">{words().keys.title}</h2>
        <button type="button" class="icon-button" aria-label={words().close} onClick={() => showKeys(false)}>
          <Icon name="close" />
        </button>
      </div>
      <dl class="keys">
        <For each={list()}>
          {([keys, meaning]) => (
            <div>
              <dt>
                <For each={keys.split(" ")}>{(key) => <kbd>{key}</kbd>}</For>
              </dt>
              <dd>{meaning}</dd>
            </div>
          )}
        </For>
      </dl>
    </dialog>
  )
}
