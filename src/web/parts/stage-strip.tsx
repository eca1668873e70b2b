import { count, instantParts, shortCount } from '../format.ts'
import { stageMark } from '../marks.ts'
import { rates, setView, staleSince, status, view, zone } from '../state.ts'
import type { StageStatus } from '../wire.ts'
import { StateMark } from './marks.tsx'

const about: Record<string, string> = {
  ingest: 'checks, sorts by time',
  observe: 'counts the air space',
  seal: 'closes 10-minute frames',
  score: 'predicts, settles',
  monitor: 'counts outcomes',
  judge: 'compares, decides',
  register: 'names the models',
}

/** In the order in which a flight passes them; stages that this page does not know come last. */
const placeOf = ({ name }: StageStatus) => (Object.keys(about).indexOf(name) + 100) % 100

export function StageStrip() {
  const stages = [...(status.value?.stages ?? [])].sort((a, b) => placeOf(a) - placeOf(b))
  const open = stages.find(stage => stage.name === view.value.stage)
  return (
    <section id="stages" class={staleSince.value === null ? '' : 'is-old'} aria-label="pipeline">
      {stages.length === 0 && (
        <p class="muted">{status.value === null ? 'Waiting for the pipeline.' : 'No stage has started.'}</p>
      )}
      <ol class="stages">
        {stages.map(stage => (
          <li key={stage.name}>
            <StageCard stage={stage} isOpen={stage === open} />
          </li>
        ))}
      </ol>
      {open && <Partitions stage={open} />}
    </section>
  )
}

function StageCard({ stage, isOpen }: { stage: StageStatus; isOpen: boolean }) {
  const mark = stageMark(stage.state)
  return (
    <button
      type="button"
      class="stage"
      aria-expanded={isOpen}
      aria-controls="stage-partitions"
      onClick={() => setView({ stage: isOpen ? null : stage.name })}
    >
      <span class="stage-name">
        <strong>{stage.name}</strong>
        <span class="muted">{about[stage.name]}</span>
      </span>
      <StateMark {...mark} />
      <span class="stage-rate">
        <span class="num">{count(stage.recordsPerSecond)}</span>
        <span class="unit">records/s</span>
      </span>
      <Spark samples={rates.value.get(stage.name) ?? []} />
      <span class="stage-facts">
        <span>
          <span class="unit">lag</span> <span class="num">{shortCount(stage.lag)}</span>
        </span>
        <span>
          <span class="unit">watermark</span> <Watermark at={stage.watermark} />
        </span>
      </span>
      {stage.why && <span class={`stage-why state-${mark.shape}`}>{stage.why}</span>}
    </button>
  )
}

function Watermark({ at }: { at: number | null }) {
  if (at === null) return <span class="muted">none yet</span>
  const { day, time } = instantParts(at, zone.value.zone)
  return (
    <span class="num">
      {day} {time}
    </span>
  )
}

/** The last minute, one sample a second. */
function Spark({ samples }: { samples: readonly number[] }) {
  const top = Math.max(...samples, 1)
  const points = samples.map((value, index) => `${60 - samples.length + index},${(15 - (14 * value) / top).toFixed(1)}`)
  return (
    <svg class="spark" viewBox="0 0 59 16" preserveAspectRatio="none" aria-hidden="true">
      <polyline points={points.join(' ')} />
    </svg>
  )
}

function Partitions({ stage }: { stage: StageStatus }) {
  return (
    <div class="scroll-x" id="stage-partitions">
      <table>
        <caption>
          Partitions of <strong>{stage.name}</strong>
        </caption>
        <thead>
          <tr>
            <th scope="col">partition</th>
            <th scope="col">state</th>
            <th scope="col" class="right">
              position
            </th>
            <th scope="col" class="right">
              lag
            </th>
            <th scope="col" class="right">
              watermark
            </th>
          </tr>
        </thead>
        <tbody>
          {stage.partitions.map(partition => (
            <tr key={partition.partition}>
              <th scope="row">{partition.partition}</th>
              <td>
                <StateMark {...stageMark(partition.state)} />
              </td>
              <td class="num right">{count(partition.position)}</td>
              <td class="num right">{count(partition.lag)}</td>
              <td class="right">
                <Watermark at={partition.watermark} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
