// The replay's controls: which day it stands at, pause, step, speed.

import { count, instantParts, isoDay } from '../format.ts'
import { control, controlFailure, status } from '../state.ts'
import type { Replay } from '../wire.ts'
import { KillMe } from './kill-me.tsx'
import { Segmented } from './panel.tsx'

const speeds = [
  { value: '0.25', text: '\u00bc' },
  { value: '1', text: '1' },
  { value: '4', text: '4' },
  { value: '24', text: '24' },
  { value: 'full', text: 'full' },
] as const

type Speed = (typeof speeds)[number]['value']

export function Transport() {
  const replay = status.value?.replay
  if (!replay) return null
  const { paused, done } = replay
  return (
    <div class="transport" role="group" aria-label="replay">
      <span class="chip">{chipText(replay)}</span>
      <span class="transport-buttons">
        <button type="button" disabled={done} onClick={() => void control({ action: paused ? 'resume' : 'pause' })}>
          <svg viewBox="0 0 10 10" aria-hidden="true">
            {paused ? <path d="M2 .8 9.2 5 2 9.2Z" /> : <path d="M1.5 1h2.6v8H1.5zM5.9 1h2.6v8H5.9z" />}
          </svg>
          {paused ? 'resume replay' : 'pause replay'}
        </button>
        <button type="button" disabled={!paused || done} onClick={() => void control({ action: 'step' })}>
          <svg viewBox="0 0 10 10" aria-hidden="true">
            <path d="M1 .8 7 5 1 9.2ZM7.4 1H9v8H7.4z" />
          </svg>
          step 1 h
        </button>
      </span>
      <span class="speed">
        <Segmented
          label="speed, event hours per second"
          value={speedOf(replay)}
          options={speeds}
          onChange={speed =>
            void control(speed === 'full' ? { action: 'speed' } : { action: 'speed', hoursPerSecond: Number(speed) })
          }
        />
        <span class="muted">event hours per second</span>
      </span>
      <Progress replay={replay} />
      <KillMe />
      <span role="status" class="control-failure">
        {controlFailure.value && `not done: ${controlFailure.value}`}
      </span>
    </div>
  )
}

const isCatchingUp = ({ fastUntil, at }: Replay) => fastUntil !== null && at < fastUntil

function chipText(replay: Replay): string {
  const day = isoDay(replay.at)
  if (replay.done) return `replay ended on ${replay.to}`
  if (isCatchingUp(replay)) return `replay at full speed of ${day}, until ${isoDay(replay.fastUntil ?? 0)}`
  if (replay.hoursPerSecond === null) return `replay at full speed of ${day}`
  return `replay \u00d7${count(replay.hoursPerSecond * 3600)} of ${day}`
}

function speedOf(replay: Replay): Speed | '' {
  if (replay.hoursPerSecond === null) return 'full'
  return speeds.find(({ value }) => Number(value) === replay.hoursPerSecond)?.value ?? ''
}

function Progress({ replay }: { replay: Replay }) {
  const from = Date.parse(replay.from)
  const to = Date.parse(replay.to) + 86_400_000
  const share = Math.max(0, Math.min(1, (replay.at - from) / (to - from)))
  return (
    <span class="progress">
      <span class="muted">{instantParts(from).day}</span>
      <progress max="1" value={share} aria-label="place in the replay" />
      <span class="muted">{instantParts(to - 1).date}</span>
    </span>
  )
}
