// Two versions side by side: figures on each one's own held-out rows, on the same stretch of the stream, their parameters,
// and the test of one against the other.

import { decimals } from '../../format.ts'
import { differenceOf, shortInstant } from '../../loop.ts'
import { type Lack, Panel, Segmented } from '../../parts/panel.tsx'
import { modelsView, setModelsView, zone } from '../../state.ts'
import type { MetricPair, ModelComparison, ShadowTest } from '../../wire.ts'
import { betterOf, parameterRows } from '../figures.ts'
import { comparison, models, shownVersion } from '../store.ts'
import { notLoaded } from './lack.ts'

export function ComparePanel() {
  const { with: other, params } = modelsView.value
  const found = comparison.value
  const isThis = found?.versions[0].version === shownVersion.value && found?.versions[1].version === other
  const isKnown = models.value === null || models.value.versions.some(({ version }) => version === other)
  const missing: Lack = { what: `There is no version ${other}.`, shape: 'bad' }
  const lack = isThis ? null : isKnown ? notLoaded() : missing
  const tools = (
    <>
      <Segmented
        label="parameters shown"
        value={params}
        options={[
          { value: 'differ', text: 'What differs' },
          { value: 'all', text: 'All' },
        ]}
        onChange={next => setModelsView({ params: next })}
      />
      <button type="button" onClick={() => setModelsView({ with: null })}>
        close <kbd aria-hidden="true">Esc</kbd>
      </button>
    </>
  )
  return (
    <Panel id="compare" title={`${shownVersion.value} beside ${other}`} lack={lack} tools={tools}>
      {found && isThis && <Compared of={found} />}
    </Panel>
  )
}

function Compared({ of }: { of: ModelComparison }) {
  const { versions, card, stream, shadowTests } = of
  const names = versions.map(({ version }) => version)
  const rows = parameterRows(versions.map(each => each.card.parameters))
  const shown = modelsView.value.params === 'all' ? rows : rows.filter(({ differs }) => differs)
  return (
    <>
      <p>{shadowText(shadowTests)}</p>
      <div class="scroll" tabIndex={0} role="region" aria-label="Both versions side by side">
        <table>
          <PairsHead names={names} />
          <Pairs title="on held-out rows, each on its own" pairs={card} />
          {stream && (
            <Pairs
              title={`on the stream, 7 days to ${shortInstant(stream.to, zone.value.zone)}`}
              pairs={stream.figures}
            />
          )}
          <tbody>
            <tr>
              <th scope="rowgroup" colSpan={4} class="muted">
                {modelsView.value.params === 'all' ? 'parameters' : 'parameters that differ'}
              </th>
            </tr>
            {shown.map(({ name, values }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {values.map((value, at) => (
                  <td key={names[at]} class="num right">
                    {value}
                  </td>
                ))}
                <td />
              </tr>
            ))}
            {shown.length === 0 && (
              <tr>
                <td colSpan={4} class="muted">
                  none
                </td>
              </tr>
            )}
          </tbody>
        </table>
      </div>
    </>
  )
}

/** The last test of one against the other. */
export function shadowText(tests: readonly ShadowTest[]): string {
  const last = tests.at(-1)
  if (last === undefined) return 'They were never held against each other on the same flights.'
  return `${last.challenger} against ${last.champion} over ${last.days} days: ${differenceOf(last)}; ${last.because}.`
}

/** The head of a table of `Pairs`. */
export function PairsHead({ names }: { names: readonly string[] }) {
  return (
    <thead>
      <tr>
        <th scope="col">what</th>
        {names.map(name => (
          <th key={name} scope="col" class="right">
            {name}
          </th>
        ))}
        <th scope="col" class="right">
          difference
        </th>
      </tr>
    </thead>
  )
}

export function Pairs({ title, pairs }: { title: string; pairs: readonly MetricPair[] }) {
  return (
    <tbody>
      <tr>
        <th scope="rowgroup" colSpan={4} class="muted">
          {title}
        </th>
      </tr>
      {pairs.map(({ name, values, difference }) => {
        const better = betterOf(name, values)
        return (
          <tr key={name}>
            <th scope="row">{name}</th>
            {values.map((value, at) => (
              <td key={at} class="num right">
                {better === at && <span class="better">better</span>} {decimals(value, 4)}
              </td>
            ))}
            <td class="num right">{decimals(difference, 4)}</td>
          </tr>
        )
      })}
    </tbody>
  )
}
