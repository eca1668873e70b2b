// One version: where it comes from, and its report on held-out rows. Each chart has its twin as a table.

import { count } from '../../format.ts'
import { StateMark } from '../../parts/marks.tsx'
import { type Lack, Panel, Segmented } from '../../parts/panel.tsx'
import { modelsView, setModelsView } from '../../state.ts'
import type { ModelDetail } from '../../wire.ts'
import { figuresOf, figureTitles, parameterRows, roleMark, sureText } from '../figures.ts'
import { models, shown, shownVersion } from '../store.ts'
import { noModels, notLoaded } from './lack.ts'
import { Report } from './report.tsx'
import { rangeText } from './versions.tsx'

export function ModelPanel() {
  const { as } = modelsView.value
  const detail = shown.value
  const tools = (
    <>
      <CompareWith />
      <Segmented
        label="report as"
        value={as}
        options={[
          { value: 'chart', text: 'Charts' },
          { value: 'table', text: 'Tables' },
        ]}
        onChange={next => setModelsView({ as: next })}
      />
    </>
  )
  return (
    <Panel id="model" title={shownVersion.value ?? 'Model'} lack={lackOf(detail)} tools={tools}>
      {detail && (
        <>
          <Facts detail={detail} />
          {detail.report === null ? (
            <p class="muted">It came without a report on held-out rows: its shadow test will tell.</p>
          ) : (
            <Report report={detail.report} />
          )}
          <Parameters detail={detail} />
        </>
      )}
    </Panel>
  )
}

function lackOf(detail: ModelDetail | null | undefined): Lack | null {
  if (detail) return null
  const nothing = noModels()
  if (nothing !== null) return nothing
  const isKnown = models.value?.versions.some(({ version }) => version === shownVersion.value)
  return isKnown ? notLoaded() : { what: `There is no version ${shownVersion.value}.`, shape: 'bad' }
}

function CompareWith() {
  const others = (models.value?.versions ?? []).filter(({ version }) => version !== shownVersion.value)
  if (others.length === 0) return null
  return (
    <label class="compare-with">
      compare with
      <select
        id="compare-with"
        value={modelsView.value.with ?? ''}
        onChange={event => setModelsView({ with: event.currentTarget.value || null, version: shownVersion.value })}
      >
        <option value="">nobody</option>
        {others.map(({ version, role }) => (
          <option key={version} value={version}>
            {version} ({role})
          </option>
        ))}
      </select>
    </label>
  )
}

const names = ['auc', 'logLoss', 'brier', 'ece'] as const

function Facts({ detail: { model, request } }: { detail: ModelDetail }) {
  const { card, role } = model
  const figures = figuresOf(model)
  return (
    <div class="model-facts">
      <p>{card.why}</p>
      <dl class="facts">
        <Fact name="role">
          <StateMark {...roleMark(role)} />
        </Fact>
        <Fact name="departures">{rangeText(card.trainedFrom, card.trainedTo)}</Fact>
        <Fact name="rows to grow on">{count(card.rows)}</Fact>
        <Fact name="rows held out">{figures.n === null ? 'n/a' : count(figures.n)}</Fact>
        {figures.growingRows !== null && <Fact name="graded trees grew on">{count(figures.growingRows)}</Fact>}
        {names.map(name => (
          <Fact key={name} name={figureTitles[name]}>
            {sureText(figures[name].value, figures[name].interval)}
          </Fact>
        ))}
        <Fact name="to better">{card.parent ?? 'nobody'}</Fact>
        {request !== null && <Fact name="asked for">{request.why}</Fact>}
        <Fact name="features">{card.featureSet.slice(0, 12)}</Fact>
        <Fact name="file">{card.hash.slice(0, 12)}</Fact>
      </dl>
    </div>
  )
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="num">{children}</dd>
    </div>
  )
}

function Parameters({ detail }: { detail: ModelDetail }) {
  const rows = parameterRows([detail.model.card.parameters])
  if (rows.length === 0) return null
  return (
    <details class="parameters">
      <summary>{rows.length} parameters</summary>
      <dl class="facts">
        {rows.map(({ name, values }) => (
          <Fact key={name} name={name}>
            {values[0]}
          </Fact>
        ))}
      </dl>
    </details>
  )
}
