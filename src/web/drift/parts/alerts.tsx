// Alerts: open ones first; what drifted, since when, and on what evidence.

import { alertName, alertsInOrder, isOpen, shortInstant } from '../../loop.ts'
import { StateMark } from '../../parts/marks.tsx'
import { Panel } from '../../parts/panel.tsx'
import { held, setDriftView, zone } from '../../state.ts'
import type { Alert } from '../../wire.ts'
import { scoreText, thresholdText } from '../columns.ts'
import { AskTraining } from './ask-training.tsx'

export function AlertsPanel() {
  const alerts = alertsInOrder(held.value.loop.alerts)
  const open = alerts.filter(isOpen).length
  const lack =
    alerts.length === 0 ? { what: 'No alert. One opens when a shift lasts, and resolves when it has ended.' } : null
  return (
    <Panel
      id="alerts"
      title={open === 0 ? 'Alerts, none open' : `Alerts, ${open} open`}
      lack={lack}
      tools={<AskTraining />}
    >
      <ul class="alert-list" tabIndex={0} aria-label="Alerts">
        {alerts.map(alert => (
          <AlertItem key={alert.id} alert={alert} />
        ))}
      </ul>
    </Panel>
  )
}

function AlertItem({ alert }: { alert: Alert }) {
  const { kind, at, since, resolvedAt, message, columns, model } = alert
  const shownZone = zone.value.zone
  const instant = (when: number) => shortInstant(when, shownZone)
  return (
    <li>
      <p class="alert-item-head">
        <StateMark {...(isOpen(alert) ? { shape: 'bad', word: 'open' } : { shape: 'ok', word: 'resolved' })} />
        <strong>{alertName({ kind })}</strong>
        <span class="muted num">
          since {instant(since)}, opened {instant(at)}
          {resolvedAt !== null && `, resolved ${instant(resolvedAt)}`}
        </span>
      </p>
      <p>
        {message}
        {model !== null && !message.includes(model) && <span class="muted"> ({model})</span>}
      </p>
      <Evidence alert={alert} columns={columns} />
    </li>
  )
}

type ColumnEvidence = { column: string; method?: string; score?: number | null; threshold?: number }

/** What the judge wrote down when it opened; columns that it named without a figure are named, too. */
function evidenceOf({ evidence }: Alert, columns: readonly string[]): ColumnEvidence[] {
  const listed = (evidence as { columns?: unknown } | null)?.columns
  const known = Array.isArray(listed) ? (listed as ColumnEvidence[]) : []
  return columns.map(column => known.find(entry => entry?.column === column) ?? { column })
}

function Evidence({ alert, columns }: { alert: Alert; columns: readonly string[] }) {
  if (columns.length === 0) return null
  const isOfFeatures = alert.kind === 'DATASET_DRIFT'
  return (
    <ul class="evidence">
      {evidenceOf(alert, columns).map(({ column, score = null, threshold }) => (
        <li key={column}>
          {isOfFeatures ? (
            <button type="button" class="link" onClick={() => setDriftView({ feature: column })}>
              {column}
            </button>
          ) : (
            <span>{column}</span>
          )}
          {score !== null && (
            <span class="muted num">
              {' '}
              {scoreText(score)}
              {threshold !== undefined && ` (${thresholdText(threshold)})`}
            </span>
          )}
        </li>
      ))}
    </ul>
  )
}
