import { computed, signal } from '@preact/signals'
import { isEven, type Sum, sumsOf, totalOf } from '../balance.ts'
import { count } from '../format.ts'
import { status } from '../state.ts'
import type { PartitionBalance } from '../wire.ts'
import { StateMark } from './marks.tsx'
import { noEvents } from './no-events.ts'
import { Panel } from './panel.tsx'

const partitions = computed(() => status.value?.balance.partitions ?? [])
const total = computed(() => totalOf(partitions.value))
const arePartitionsShown = signal(false)

export function BalanceSheet() {
  const { late, cancelled } = total.value
  const lack = noEvents(status.value)
  const even = isEven(partitions.value)
  const tools = lack === null && status.value !== null && (
    <>
      <StateMark {...(even ? { shape: 'ok', word: 'even' } : { shape: 'bad', word: 'not even' })} />
      <button
        type="button"
        aria-expanded={arePartitionsShown.value}
        onClick={() => (arePartitionsShown.value = !arePartitionsShown.value)}
      >
        by partition
      </button>
    </>
  )
  return (
    <Panel id="balance" title="Balance sheet" lack={lack} tools={tools}>
      {sumsOf(total.value).map(sum => (
        <SumLine key={sum.name} sum={sum} />
      ))}
      <p class="muted small">
        Of these {count(late)} events came late and {count(cancelled)} flights were cancelled.
      </p>
      {arePartitionsShown.value && <PartitionTable />}
    </Panel>
  )
}

function SumLine({ sum }: { sum: Sum }) {
  return (
    <div class="sum">
      <div class="sum-total">
        <span class="num">{count(sum.total)}</span>
        <span class="sum-name">{sum.name}</span>
      </div>
      <span class="sum-equals">=</span>
      <ul class="sum-parts">
        {sum.parts.map(({ name, value }) => (
          <li key={name} class={value === 0 ? 'is-zero' : ''}>
            <span class="num">{count(value)}</span>
            <span class="sum-name">{skipName(name)}</span>
          </li>
        ))}
      </ul>
      {sum.gap !== 0 && (
        <StateMark shape="bad" word={`${count(Math.abs(sum.gap))} ${sum.gap > 0 ? 'missing' : 'too many'}`} />
      )}
    </div>
  )
}

/** `skipped NO_MODEL` as `skipped, no model`. */
function skipName(name: string): string {
  const [word, reason] = name.split(' ')
  return word === 'skipped' && reason ? `skipped, ${reason.toLowerCase().replaceAll('_', ' ')}` : name
}

function PartitionTable() {
  const sheets = partitions.value
  const reasons = Object.keys(total.value.skipped).sort()
  const lines: [string, (sheet: PartitionBalance) => number][] = [
    ['events in', sheet => sheet.in],
    ['timeline', sheet => sheet.timeline],
    ['held', sheet => sheet.held],
    ['duplicates', sheet => sheet.duplicates],
    ['rejected', sheet => sheet.rejected],
    ['flights', sheet => sheet.flights],
    ['settled', sheet => sheet.settled],
    ['open', sheet => sheet.open],
    ['given up', sheet => sheet.givenUp],
    ['horizons', sheet => sheet.horizons],
    ['predicted', sheet => sheet.predicted],
    ...reasons.map((reason): [string, (sheet: PartitionBalance) => number] => [
      skipName(`skipped ${reason}`),
      sheet => sheet.skipped[reason] ?? 0,
    ]),
    ['not yet due', sheet => sheet.notYetDue],
  ]
  const heads = new Set(['events in', 'flights', 'horizons'])
  return (
    <div class="scroll-x" tabIndex={0} role="region" aria-label="Balance by partition">
      <table class="partitions">
        <thead>
          <tr>
            <th scope="col">partition</th>
            {sheets.map(sheet => (
              <th key={sheet.partition} scope="col" class="right">
                {sheet.partition}
              </th>
            ))}
            <th scope="col" class="right">
              total
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map(([name, of]) => (
            <tr key={name} class={heads.has(name) ? 'is-head' : ''}>
              <th scope="row">{name}</th>
              {sheets.map(sheet => (
                <td key={sheet.partition} class="num right">
                  {count(of(sheet))}
                </td>
              ))}
              <td class="num right">{count(of(total.value))}</td>
            </tr>
          ))}
          <tr class="is-head">
            <th scope="row">adds up</th>
            {[...sheets, total.value].map(sheet => (
              <td key={sheet.partition} class="right">
                <StateMark
                  {...(isEven([sheet]) ? { shape: 'ok', word: 'even' } : { shape: 'bad', word: 'not even' })}
                />
              </td>
            ))}
          </tr>
        </tbody>
      </table>
    </div>
  )
}
