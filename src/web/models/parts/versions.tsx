// All versions, newest first: role, rows, figures on held-out rows with their intervals, why it was trained.

import { count, isoDay } from '../../format.ts'
import { shortInstant } from '../../loop.ts'
import { StateMark } from '../../parts/marks.tsx'
import { Panel } from '../../parts/panel.tsx'
import { setModelsView, zone } from '../../state.ts'
import type { ModelInfo } from '../../wire.ts'
import { type FigureName, figuresOf, figureTitles, roleMark, sureText } from '../figures.ts'
import { models, ordered, shownVersion } from '../store.ts'
import { noModels } from './lack.ts'
import { OrderButton } from './order.tsx'

const names: readonly FigureName[] = ['auc', 'logLoss', 'brier']

export function VersionsPanel() {
  const versions = models.value?.versions ?? []
  return (
    <Panel id="versions" title="Versions" lack={noModels()} tools={<span role="status">{ordered.value}</span>}>
      <div class="scroll" tabIndex={0} role="region" aria-label="Versions of the model">
        <table>
          <thead>
            <tr>
              <th scope="col">version</th>
              <th scope="col">role</th>
              <th scope="col">order</th>
              <th scope="col">departures</th>
              <th scope="col" class="right">
                rows
              </th>
              {names.map(name => (
                <th key={name} scope="col" class="right">
                  {figureTitles[name]} (95 %)
                </th>
              ))}
              <th scope="col">in force from</th>
              <th scope="col">why</th>
            </tr>
          </thead>
          <tbody>
            {versions.map(each => (
              <Version key={each.version} of={each} />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  )
}

function Version({ of }: { of: ModelInfo }) {
  const { version, role, card, inForce } = of
  const figures = figuresOf(of)
  const isShown = version === shownVersion.value
  const from = inForce.at(-1)?.from
  return (
    <tr class={isShown ? 'is-current' : ''}>
      <th scope="row">
        <button
          type="button"
          class="link"
          aria-current={isShown ? 'true' : undefined}
          onClick={() => setModelsView({ version, with: null })}
        >
          {version}
        </button>
      </th>
      <td>
        <StateMark {...roleMark(role)} />
      </td>
      <td>
        <OrderButton of={of} />
      </td>
      <td class="num nowrap">{rangeText(card.trainedFrom, card.trainedTo)}</td>
      <td class="num right">{count(card.rows)}</td>
      {names.map(name => (
        <td key={name} class="num right nowrap">
          {sureText(figures[name].value, figures[name].interval)}
        </td>
      ))}
      <td class="num nowrap">{from === undefined ? '' : shortInstant(from, zone.value.zone)}</td>
      <td class="why">{card.why}</td>
    </tr>
  )
}

export function rangeText(from: number | null, to: number | null): string {
  return from === null || to === null ? 'n/a' : `${isoDay(from)} to ${isoDay(to - 1)}`
}
