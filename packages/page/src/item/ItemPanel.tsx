import { createEffect, createResource, For, Index, on, onCleanup, onMount, Show } from "solid-js"
import * as Live from "../api/Live.js"
import { call, type Reply } from "../api/ApiClient.js"
import { Icon } from "../layout/Icon.js"
import * as Player from "../player/Player.js"
import { waveOf } from "../player/Peaks.js"
import { Waveform } from "../player/Waveform.js"
import { bytes, clock, decimal, moment, words } from "../words/Locale.js"
import { isJudging, Judging } from "../review/Judging.js"
import { codecName } from "./codecName.js"
import { Said } from "./Said.js"
import { Alike } from "./Alike.js"
import { Step } from "./Step.js"
import { Values } from "./Values.js"

export type Details = Reply<"items", "details">

export const trackOf = (details: Details): Player.Track => {
  const seconds = details.media["duration_seconds"]
  return {
    id: details.id,
    name: details.name,
    seconds: typeof seconds === "number" ? seconds : undefined,
    type: details.playable.type
  }
}

/** `48 kHz · stereo · 2:14` */
const facts = ({ media }: Details): string => {
  const value = (name: string) => media[name]
  const rate = value("sample_rate")
  const channels = value("channels")
  const seconds = value("duration_seconds")
  const width = value("width")
  return [
    typeof seconds === "number" ? clock(seconds) : undefined,
    typeof width === "number" ? `${width}×${value("height")}` : undefined,
    typeof rate === "number" ? `${decimal(rate / 1000)} kHz` : undefined,
    typeof channels === "number" ? words().item.channels(channels) : undefined,
    ...[value("audio_codec")].map((codec) => (typeof codec === "string" ? codecName(codec) : undefined)),
    bytes(Number(value("size_bytes") ?? 0))
  ]
    .filter((part) => part !== undefined)
    .join(" · ")
}

type Failure = Details["failures"][number]

/** Equal failures once, with the nodes that had them: what is damaged fails in each that reads it. */
const causes = (failures: ReadonlyArray<Failure>) => {
  const found = new Map<string, { readonly failure: Failure; readonly nodes: ReadonlyArray<string> }>()
  for (const failure of failures) {
    const key = JSON.stringify([failure.code, failure.message, failure.help])
    found.set(key, { failure, nodes: [...new Set([...(found.get(key)?.nodes ?? []), failure.node])] })
  }
  return [...found.values()]
}

/** Everything that is known of a file. */
export const ItemPanel = (props: { readonly id: number; readonly close: () => void }) => {
  let panel: HTMLElement | undefined
  const [details, { refetch }] = createResource(
    () => props.id,
    (id) => call("items", "details", { path: { id } })
  )
  createEffect(on([Live.version, isJudging], () => !isJudging() && void refetch(), { defer: true }))
  onMount(() => {
    // On a narrow screen the panel is a sheet over the list.
    if (matchMedia("(max-width: 700px)").matches) panel?.focus()
  })
  onCleanup(() => document.querySelector<HTMLElement>(".list")?.focus({ preventScroll: true }))
  const known = () => (details.error === undefined ? details.latest : undefined)
  // A word is known again by its place: what somebody is writing stays when the file is read once more.
  const placeOf = ({ node, pipeline }: Details["words"][number]) => `${known()?.id} ${pipeline} ${node}`
  const places = () => (known()?.words ?? []).map(placeOf)
  const wordAt = (place: string) => known()?.words.find((word) => placeOf(word) === place)
  // A step by its number: what is unfolded stays so while a run changes the library.
  const attempts = () => (known()?.attempts ?? []).map(({ id }) => id)
  const attemptOf = (attempt: number) => known()?.attempts.find(({ id }) => id === attempt)
  const isCurrent = () => Player.track()?.id === props.id
  const seekTo = (found: Details) => (seconds: number) => {
    Player.play(trackOf(found), seconds)
    Player.seek(seconds)
  }
  return (
    <aside ref={panel} class="item" aria-label={words().item.label} tabindex="-1">
      <button type="button" class="icon-button item-close" aria-label={words().close} onClick={() => props.close()}>
        <Icon name="close" />
      </button>
      <Show when={details.error}>
        <p class="empty">{words().item.unknown}</p>
      </Show>
      <Show when={known()}>
        {(found) => (
          <>
            <h2 class="item-name">
              <bdi>{found().name}</bdi>
            </h2>
            <p class="muted item-facts">{facts(found())}</p>
            <Show when={found().missing}>
              <p class="badge badge-warning">{words().library.gone}</p>
            </Show>
            <Show when={found().playable.how !== "none"} fallback={<p class="muted">{words().library.noSound}</p>}>
              <div class="item-wave">
                <button
                  type="button"
                  class="play"
                  aria-label={
                    isCurrent() && Player.isPlaying()
                      ? words().player.pauseFile(found().name)
                      : words().player.playFile(found().name)
                  }
                  onClick={() => Player.toggle(trackOf(found()))}
                >
                  <Icon name={isCurrent() && Player.isPlaying() ? "pause" : "play"} />
                </button>
                <Waveform
                  wave={waveOf(found().id)}
                  seconds={trackOf(found()).seconds}
                  played={isCurrent() && Player.length() > 0 ? Player.position() / Player.length() : 0}
                  seek={seekTo(found())}
                />
              </div>
            </Show>
            <For each={causes(found().failures)}>
              {({ failure, nodes }) => (
                <div class="problem-box">
                  <p>
                    <strong>{nodes.join(", ")}</strong> <code>{failure.code}</code>
                  </p>
                  <p>
                    <bdi>{failure.message}</bdi>
                  </p>
                  <p class="muted">{failure.help}</p>
                </div>
              )}
            </For>
            <For each={places()} fallback={<p class="muted">{words().item.none}</p>}>
              {(place, i) => (
                <Show when={wordAt(place)}>
                  {(word) => (
                    <Judging
                      mediaId={found().id}
                      word={word()}
                      seconds={trackOf(found()).seconds}
                      changed={() => void refetch()}
                      keys={i() === 0}
                    >
                      <Said word={word()} isCurrent={isCurrent()} seek={seekTo(found())} />
                    </Judging>
                  )}
                </Show>
              )}
            </For>
            <Alike id={found().id} />
            <Show when={found().measured.length > 0}>
              <h3>{words().item.measured}</h3>
              <Index each={found().measured}>
                {(result) => (
                  <details class="step">
                    <summary>
                      <span class="step-node">{result().node}</span> <span class="muted">{result().kind}</span>
                    </summary>
                    <Values value={result().value} />
                  </details>
                )}
              </Index>
            </Show>
            <Show when={found().attempts.length > 0}>
              <h3>{words().item.steps}</h3>
              <For each={attempts()}>
                {(attempt) => <Show when={attemptOf(attempt)}>{(known) => <Step id={found().id} attempt={known()} />}</Show>}
              </For>
            </Show>
            <Show when={found().history.length > 0}>
              <h3>{words().item.history}</h3>
              <ul class="history">
                <For each={found().history}>
                  {(made) => (
                    <li>
                      <span>
                        {made.node}: {words().review.said[made.verdict]}
                        <Show when={made.endedAt !== null}> ({words().item.undone})</Show>
                      </span>
                      <span class="muted">{moment(made.madeAt)}</span>
                    </li>
                  )}
                </For>
              </ul>
            </Show>
            <h3>{words().item.files}</h3>
            <dl class="values">
              <div>
                <dt>{words().item.path}</dt>
                <dd>
                  <bdi class="path">{found().path}</bdi>
                </dd>
              </div>
              <Show when={found().copies.length > 0}>
                <div>
                  <dt>{words().item.copies}</dt>
                  <dd>
                    <For each={found().copies}>{(copy) => <bdi class="path">{copy}</bdi>}</For>
                  </dd>
                </div>
              </Show>
              <div>
                <dt>{words().item.hash}</dt>
                <dd class="path">{found().contentHash.slice(0, 16)}…</dd>
              </div>
            </dl>
          </>
        )}
      </Show>
    </aside>
  )
}
