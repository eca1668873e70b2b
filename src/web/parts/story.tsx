// The story line: what is seen, in the order in which the loop turns.

import { computed } from '@preact/signals'
import { instantParts } from '../format.ts'
import { held, staleSince, status, zone } from '../state.ts'
import { storyOf } from '../story.ts'
import { StateMark } from './marks.tsx'

const steps = computed(() => {
  const { status: current, risk, loop } = held.value
  return current === null ? [] : storyOf({ status: current, risk, loop })
})

export function Story() {
  if (status.value === null || status.value.totals.events === 0) return null
  return (
    <section id="story" class={staleSince.value === null ? '' : 'is-old'} aria-label="what is seen">
      <ol class="story">
        {steps.value.map(({ name, shape, word, text, at }) => (
          <li key={name}>
            <p class="story-head">
              <strong>{name}</strong>
              <StateMark shape={shape} word={word} />
            </p>
            <p class="story-text" title={text}>
              {text}
            </p>
            {at !== null && <EventTime at={at} />}
          </li>
        ))}
      </ol>
    </section>
  )
}

function EventTime({ at }: { at: number }) {
  const { day, time, zone: zoneName } = instantParts(at, zone.value.zone)
  return (
    <p class="story-at muted num">
      {day} {time} {zoneName}
    </p>
  )
}
