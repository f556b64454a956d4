import { For, Show } from "solid-js"

/** Text from a model or a file's name: text nodes, isolated from the direction of what stands around it. */
export const Highlighted = (props: { readonly text: string; readonly marks: ReadonlyArray<readonly [number, number]> }) => {
  const parts = () => {
    const found: Array<{ readonly text: string; readonly isMarked: boolean }> = []
    let at = 0
    for (const [start, end] of props.marks) {
      if (start > at) found.push({ text: props.text.slice(at, start), isMarked: false })
      found.push({ text: props.text.slice(start, end), isMarked: true })
      at = end
    }
    if (at < props.text.length) found.push({ text: props.text.slice(at), isMarked: false })
    return found
  }
  return (
    <bdi>
      <Show when={props.marks.length > 0} fallback={props.text}>
        <For each={parts()}>{(part) => (part.isMarked ? <mark>{part.text}</mark> : part.text)}</For>
      </Show>
    </bdi>
  )
}
