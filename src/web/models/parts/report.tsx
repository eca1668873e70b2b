// A model's report: calibration, which features move it, where it is weak, and its figures by group.

import { count, decimals, percent } from '../../format.ts'
import { ShapeMark } from '../../parts/marks.tsx'
import { Segmented } from '../../parts/panel.tsx'
import { modelsView, setModelsView } from '../../state.ts'
import type { ModelReport } from '../../wire.ts'
import { calibrationPoints, intervalText, sureText } from '../figures.ts'

export function Report({ report }: { report: ModelReport }) {
  const isTable = modelsView.value.as === 'table'
  return (
    <>
      <div class="report">
        <figure>
          <figcaption>
            Calibration: of the flights that it said this of, how many were late ({count(report.figures.n)} held out,{' '}
            {report.figures.days} days)
          </figcaption>
          {isTable ? <CalibrationTable of={report} /> : <CalibrationPlot of={report} />}
        </figure>
        <figure>
          <figcaption>
            What moves it: mean |SHAP| {report.importance && `of ${count(report.importance.rows)} flights`}
          </figcaption>
          <Importance of={report} isTable={isTable} />
        </figure>
      </div>
      <Weakest of={report} />
      <Groups of={report} />
    </>
  )
}

const size = 260
const ticks = [0, 0.25, 0.5, 0.75, 1]

function CalibrationPlot({ of: { calibration } }: { of: ModelReport }) {
  const points = calibrationPoints(calibration, size)
  return (
    <svg
      class="calibration"
      viewBox={`-38 -10 ${size + 56} ${size + 46}`}
      role="img"
      aria-label="calibration plot; the same as a table by the switch above"
    >
      {ticks.map(tick => (
        <g key={tick} class="plot-tick">
          <path d={`M0 ${size * (1 - tick)}H${size}M${size * tick} 0V${size}`} />
          <text x={-6} y={size * (1 - tick) + 4} text-anchor="end">
            {100 * tick}
          </text>
          <text x={size * tick} y={size + 15} text-anchor="middle">
            {100 * tick}
          </text>
        </g>
      ))}
      <text class="plot-axis" x={size / 2} y={size + 31} text-anchor="middle">
        said, %
      </text>
      <text class="plot-axis" transform={`translate(-28 ${size / 2}) rotate(-90)`} text-anchor="middle">
        late, %
      </text>
      <path class="plot-ideal" d={`M0 ${size}L${size} 0`} />
      <path
        class="plot-line"
        d={points.map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')}
      />
      {points.map(({ x, y, r, low, high, title }) => (
        <g key={title}>
          <path class="plot-interval" d={`M${x} ${low}V${high}`} />
          <circle class="plot-point" cx={x} cy={y} r={r}>
            <title>{title}</title>
          </circle>
        </g>
      ))}
    </svg>
  )
}

function CalibrationTable({ of: { calibration } }: { of: ModelReport }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">said</th>
          <th scope="col" class="right">
            late
          </th>
          <th scope="col" class="right">
            95 %
          </th>
          <th scope="col" class="right">
            flights
          </th>
        </tr>
      </thead>
      <tbody>
        {calibration.map(({ from, said, late, interval95, n }) => (
          <tr key={from}>
            <th scope="row" class="num">
              {percent(said)}
            </th>
            <td class="num right">{percent(late)}</td>
            <td class="num right">
              {interval95 === null ? 'n/a' : `${percent(interval95[0])} to ${percent(interval95[1])}`}
            </td>
            <td class="num right">{count(n)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const featuresShown = 15

function Importance({ of: { importance }, isTable }: { of: ModelReport; isTable: boolean }) {
  if (importance === null)
    return <p class="muted">Not known: the model does not tell how many rows reached its leaves.</p>
  const most = importance.features[0]?.moves ?? 1
  const all = isTable ? importance.features : importance.features.slice(0, featuresShown)
  return (
    <ol class="importance">
      {all.map(({ feature, moves, share }) => (
        <li key={feature}>
          <span class="importance-name">{feature}</span>
          {!isTable && (
            <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
              <rect width={(100 * moves) / most} height="10" rx="1" />
            </svg>
          )}
          <span class="num right" title="raw score">
            {decimals(moves, 4)}
          </span>
          <span class="num right muted">{percent(share)}</span>
        </li>
      ))}
    </ol>
  )
}

function Weakest({ of: { weakest } }: { of: ModelReport }) {
  if (weakest.length === 0) return null
  return (
    <>
      <h3>Where it is weak</h3>
      <ul class="weakest">
        {weakest.map(({ by, group, because }) => (
          <li key={`${by} ${group}`}>
            <ShapeMark shape="warn" />{' '}
            <b>
              {by} {group}
            </b>
            : {because}
          </li>
        ))}
      </ul>
    </>
  )
}

function Groups({ of: { groups } }: { of: ModelReport }) {
  const shown = groups.find(({ by }) => by === modelsView.value.by) ?? groups[0]
  if (shown === undefined) return null
  return (
    <>
      <div class="groups-head">
        <h3>By group</h3>
        <Segmented
          label="groups by"
          value={shown.by}
          options={groups.map(({ by }) => ({ value: by, text: by }))}
          onChange={by => setModelsView({ by })}
        />
      </div>
      <div class="scroll" tabIndex={0} role="region" aria-label={`Figures by ${shown.by}`}>
        <table class="groups">
          <thead>
            <tr>
              <th scope="col">{shown.by}</th>
              {['flights', 'late', 'said', 'AUC', 'AUC, 95 %', 'log loss', 'Brier'].map(title => (
                <th key={title} scope="col" class="right">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.groups.map(({ group, figures: { n, late, said, auc, logLoss, brier, interval95 } }) => (
              <tr key={group}>
                <th scope="row">{group}</th>
                <td class="num right">{count(n)}</td>
                <td class="num right">{percent(late)}</td>
                <td class="num right">{percent(said)}</td>
                <td class="num right">{decimals(auc, 4)}</td>
                <td class="num right nowrap">{intervalText(interval95.auc)}</td>
                <td class="num right nowrap">{sureText(logLoss, interval95.logLoss)}</td>
                <td class="num right nowrap">{sureText(brier, interval95.brier)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.rest > 0 && <p class="muted small">{count(shown.rest)} flights are of other groups, or of none.</p>}
    </>
  )
}
