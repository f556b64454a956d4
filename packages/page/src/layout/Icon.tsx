const paths = {
  play: "M7 4.5v15l12-7.5z",
  pause: "M7 5h3.5v14H7zM13.5 5H17v14h-3.5z",
  close: "M6 6l12 12M18 6L6 18",
  filter: "M4 6h16M7 12h10M10 18h4",
  sliders: "M4 8h10M18 8h2M4 16h2M10 16h10M14 6v4M8 14v4",
  export: "M12 4v11M8 11l4 4 4-4M5 19h14",
  check: "M5 12.5l4.5 4.5L19 7.5",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM5 20c0-3.5 3-6 7-6s7 2.5 7 6",
  warning: "M12 4l9 16H3zM12 10v4M12 17v.5",
  keys: "M4 7h16v10H4zM8 11h.01M12 11h.01M16 11h.01M9 14h6"
} as const

const filled = new Set<keyof typeof paths>(["play", "pause"])

/** A picture beside words, or with its control's name: never the only one to say something. */
export const Icon = (props: { readonly name: keyof typeof paths }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" classList={{ "icon-filled": filled.has(props.name) }}>
    <path d={paths[props.name]} />
  </svg>
)
