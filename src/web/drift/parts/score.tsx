// The score of a column over time, as a chart with what happened, or as a table.

import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { percent } from '../../format.ts'
import { loopEvents, shortInstant } from '../../loop.ts'
import { StateMark } from '../../parts/marks.tsx'
import { held, isDark, zone } from '../../state.ts'
import type { ColumnReport } from '../../wire.ts'
import { scoreText } from '../columns.ts'
import { type Colours, scoreData, scoreOptions } from '../score-chart.ts'

/** The window under the pointer. */
const hovered = signal<number | null>(null)

const rowsShown = 400

function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element)
  const of = (name: string) => style.getPropertyValue(name).trim()
  return {
    score: of('--realised'),
    drifted: of('--predicted'),
    threshold: of('--line-strong'),
    grid: of('--line'),
    text: of('--muted'),
    surface: of('--surface'),
    font: `11px ${style.fontFamily}`,
  }
}

export function ScorePlot({ column }: { column: ColumnReport }) {
  const frame = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const shown = useRef(column)
  shown.current = column
  const shownZone = zone.value.zone
  const dark = isDark.value
  useEffect(() => {
    const element = frame.current
    if (element === null) return undefined
    const size = () => ({ width: element.clientWidth, height: element.clientHeight })
    const options = scoreOptions({
      ...size(),
      colours: coloursOf(element),
      zone: shownZone,
      threshold: () => shown.current.latest?.threshold ?? 0,
      events: () => loopEvents(held.peek().loop),
      onHover: place => {
        hovered.value = place
      },
    })
    const made = new uPlot(options, scoreData(shown.current.series), element)
    plot.current = made
    const watch = new ResizeObserver(() => made.setSize(size()))
    watch.observe(element)
    return () => {
      watch.disconnect()
      made.destroy()
      plot.current = null
    }
  }, [dark, shownZone])
  useEffect(() => plot.current?.setData(scoreData(column.series)), [column])
  return (
    <>
      <Readout column={column} />
      <div
        class="plot"
        ref={frame}
        role="img"
        aria-label={`Score of ${column.about.name} over time; the table has the same numbers`}
      />
    </>
  )
}

/** The window that the pointer is at, else the last. */
function Readout({ column: { series } }: { column: ColumnReport }) {
  const place = hovered.value ?? series.to.length - 1
  const at = series.to[place]
  if (at === undefined) return null
  return (
    <p class="muted num">
      window to {shortInstant(at, zone.value.zone)}: {scoreText(series.score[place] ?? null)}
      {series.drifted[place] === true && ', drift'}
    </p>
  )
}

export function ScoreTable({ column: { series } }: { column: ColumnReport }) {
  const places = series.to.map((_, place) => place).reverse()
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Score over time as a table">
      <table>
        <caption>{places.length > rowsShown && `The last ${rowsShown} of ${places.length} windows.`}</caption>
        <thead>
          <tr>
            <th scope="col">window to</th>
            <th scope="col" class="right">
              score
            </th>
            <th scope="col">state</th>
            <th scope="col" class="right">
              missing
            </th>
          </tr>
        </thead>
        <tbody>
          {places.slice(0, rowsShown).map(place => {
            const drifted = series.drifted[place] ?? null
            const word = drifted === null ? 'not compared' : drifted ? 'drift' : 'ok'
            return (
              <tr key={series.to[place]}>
                <th scope="row" class="num">
                  {shortInstant(series.to[place] ?? 0, zone.value.zone)}
                </th>
                <td class="num right">{scoreText(series.score[place] ?? null)}</td>
                <td>
                  <StateMark shape={drifted === null ? 'none' : drifted ? 'warn' : 'ok'} word={word} />
                </td>
                <td class="num right">{percent(series.missingShare[place] ?? null)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
