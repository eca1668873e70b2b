// Searches, and the trials of one of them as a table.

import { count, decimals } from '../../format.ts'
import { shortInstant } from '../../loop.ts'
import { StateMark } from '../../parts/marks.tsx'
import { type Lack, Panel, Segmented } from '../../parts/panel.tsx'
import { modelsView, setModelsView, zone } from '../../state.ts'
import type { SearchDetail, SearchInfo } from '../../wire.ts'
import { trialColumns, valueText } from '../figures.ts'
import { models, search, searches } from '../store.ts'
import { notLoaded } from './lack.ts'

export function SearchesPanel() {
  const all = searches.value
  const { params, search: opened } = modelsView.value
  const tools = opened !== null && (
    <Segmented
      label="trials show"
      value={params}
      options={[
        { value: 'differ', text: 'What differs' },
        { value: 'all', text: 'All' },
      ]}
      onChange={next => setModelsView({ params: next })}
    />
  )
  return (
    <Panel id="searches" title="Searches" lack={lackOf(all)} tools={tools}>
      <ul class="searches">
        {all?.map(each => (
          <Search key={each.id} of={each} isOpen={each.id === opened} />
        ))}
      </ul>
      {search.value?.search.id === opened && search.value && <Trials of={search.value} />}
    </Panel>
  )
}

function lackOf(all: readonly SearchInfo[] | null): Lack | null {
  if (all === null) return notLoaded()
  if (all.length > 0) return null
  return {
    what: 'No search has been made. One tries algorithms and parameters on the outcomes so far, and offers the best as a challenger.',
    command: 'slipstream runs search --trials 40',
  }
}

function Search({ of: { id, at, rows, trials, best, version, why }, isOpen }: { of: SearchInfo; isOpen: boolean }) {
  const isOffered = models.value?.versions.some(each => each.version === version) ?? false
  return (
    <li>
      <button
        type="button"
        class="link"
        aria-expanded={isOpen}
        onClick={() => setModelsView({ search: isOpen ? null : id })}
      >
        {id}
      </button>{' '}
      <StateMark
        {...(version === null
          ? ({ shape: 'idle', word: `${trials.done} of ${trials.of} trials` } as const)
          : ({ shape: 'ok', word: `${trials.of} trials, model made` } as const))}
      />{' '}
      <span class="muted">
        {count(rows)} rows up to {shortInstant(at, zone.value.zone)}
        {best && `; best so far ${best.family}, log loss ${decimals(best.loss, 4)}`}. {why}
      </span>{' '}
      {isOffered && version !== null && (
        <button type="button" class="link" onClick={() => setModelsView({ version, with: null })}>
          its card
        </button>
      )}
    </li>
  )
}

function Trials({ of: { trials, search: info } }: { of: SearchDetail }) {
  const columns = trialColumns(trials, modelsView.value.params)
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={`Trials of ${info.id}`}>
      <table>
        <thead>
          <tr>
            <th scope="col" class="right">
              trial
            </th>
            <th scope="col">algorithm</th>
            <th scope="col">state</th>
            {['log loss', 'AUC', 'Brier', 'seconds'].map(title => (
              <th key={title} scope="col" class="right">
                {title}
              </th>
            ))}
            {columns.map(({ name }) => (
              <th key={name} scope="col" class="right">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {trials.map(({ number, family, state, folds, loss, auc, brier, seconds }, row) => (
            <tr key={number} class={number === info.best?.number ? 'is-current' : ''}>
              <th scope="row" class="num right">
                {number}
              </th>
              <td class="nowrap">
                {family} {number === info.best?.number && <span class="better">best</span>}
              </td>
              <td class="nowrap">
                {state === 'complete' ? 'complete' : `stopped after ${folds.length} of ${info.folds}`}
              </td>
              <td class="num right">{decimals(loss, 4)}</td>
              <td class="num right">{decimals(auc, 4)}</td>
              <td class="num right">{decimals(brier, 4)}</td>
              <td class="num right">{decimals(seconds, 1)}</td>
              {columns.map(({ name, values }) => (
                <td key={name} class="num right">
                  {values[row] === undefined ? '' : valueText(values[row])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
