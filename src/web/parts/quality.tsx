import { count, decimals, percent } from '../format.ts'
import { status } from '../state.ts'
import { noEvents } from './no-events.ts'
import { Panel } from './panel.tsx'

/** Below this many graded predictions the figures say nothing. */
const gradedMin = 200

export function QualityPanel() {
  const quality = status.value?.quality
  const n = quality?.n ?? 0
  const short = { what: `Not enough data: ${count(n)} of ${gradedMin} graded predictions. They come as flights land.` }
  const lack = noEvents(status.value) ?? (n < gradedMin ? short : null)
  return (
    <Panel id="quality" title="Quality, last 7 event days" lack={lack}>
      {quality && (
        <>
          <dl class="tiles">
            <Tile name="AUC" value={decimals(quality.auc, 3)} hint="0.5 is chance, 1 is perfect" />
            <Tile name="log loss" value={decimals(quality.logLoss, 3)} hint="lower is better" />
            <Tile name="Brier" value={decimals(quality.brier, 3)} hint="lower is better" />
            <Tile name="graded" value={count(n)} hint="predictions" />
          </dl>
          <HitBar hits={quality.hits} misses={quality.misses} />
        </>
      )}
    </Panel>
  )
}

function Tile({ name, value, hint }: { name: string; value: string; hint: string }) {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd class="num">{value}</dd>
      <dd class="hint">{hint}</dd>
    </div>
  )
}

function HitBar({ hits, misses }: { hits: number; misses: number }) {
  const all = hits + misses
  if (all === 0) return null
  return (
    <div class="hits">
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect class="hits-miss" width="100" height="6" />
        <rect class="hits-hit" width={(hits / all) * 100} height="6" />
      </svg>
      <p>
        <span class="num">{count(hits)}</span> hits, <span class="num">{count(misses)}</span> misses:{' '}
        {percent(hits / all)} of the verdicts were right
      </p>
    </div>
  )
}
