import type { Mark, Shape } from '../marks.ts'

const shapes = {
  ok: <circle cx="5" cy="5" r="4.2" />,
  warn: <path d="M5 .6 9.8 9.2H.2Z" />,
  bad: <rect x=".8" y=".8" width="8.4" height="8.4" rx="1" />,
  idle: <circle cx="5" cy="5" r="3.4" class="hollow" />,
  none: <rect x=".5" y="3.9" width="9" height="2.2" rx="1" />,
}

export function ShapeMark({ shape }: { shape: Shape }) {
  return (
    <svg class={`shape shape-${shape}`} viewBox="0 0 10 10" aria-hidden="true">
      {shapes[shape]}
    </svg>
  )
}

/** Shape and word; the colour only repeats what they say. */
export function StateMark({ shape, word }: Mark) {
  return (
    <span class={`state state-${shape}`}>
      <ShapeMark shape={shape} />
      {word}
    </span>
  )
}
