import { type JSX, onCleanup, onMount } from "solid-js"
import { Icon } from "./Icon.js"

interface Props {
  readonly label: string
  readonly icon: Parameters<typeof Icon>[0]["name"]
  readonly children: JSX.Element
}

/** A button with what it opens: Escape closes it, and so does a click or the focus elsewhere. */
export const Menu = (props: Props) => {
  let details: HTMLDetailsElement | undefined
  let summary: HTMLElement | undefined
  const closeFor = ({ target }: Event) => {
    if (details?.open === true && target instanceof Node && !details.contains(target)) details.open = false
  }
  onMount(() => {
    document.addEventListener("pointerdown", closeFor)
    document.addEventListener("focusin", closeFor)
    onCleanup(() => {
      document.removeEventListener("pointerdown", closeFor)
      document.removeEventListener("focusin", closeFor)
    })
  })
  return (
    <details
      ref={details}
      class="menu"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || details?.open !== true) return
        event.preventDefault()
        details.open = false
        summary?.focus()
      }}
    >
      <summary ref={summary} class="icon-button" aria-label={props.label} title={props.label}>
        <Icon name={props.icon} />
      </summary>
      <div class="menu-body">{props.children}</div>
    </details>
  )
}
