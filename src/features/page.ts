// docs/features.md, printed from the table so that it cannot drift from it.

import type { Feature } from './define.ts'

/** The page of a table of features, as Markdown. */
export function featuresPage(features: readonly Feature[]): string {
  const rows = features.map(feature => {
    const { name, kind, knowable, source, mayAlert, uses, about } = feature
    const counts = feature.kind === 'numeric' ? `${feature.resolution} ${feature.unit}` : kind
    const own = uses.length === 0 ? 'none' : uses.map(use => `\`${use}\``).join(', ')
    return `| \`${name}\` | ${counts} | ${source} | ${knowable} | ${mayAlert ? 'yes' : 'no'} | ${own} | ${about} |`
  })
  return `${head(features.length)}${rows.join('\n')}\n`
}

function head(count: number): string {
  return `# Features

Printed from the table in \`src/features/table.ts\`; \`vitest run test/features/page.test.ts -u\` prints it again.

A row has ${count} values in this order. A numeric value is an integer that counts steps: 123 of a feature counted in
0.1 minutes is 12.3 minutes. What was not observed is null; a count of nothing is 0. Everything about the air space is as
of the end of the last frame that the prediction may use; "now" and "last" mean that instant.

*Reads* says whether a feature looks at the flight alone or at the frames as well. *Known* is when the last of the fields
that it uses of its own flight's events is known; a field known only after departure is refused when the table is built.
*Alerts* says whether drift in it may raise an alert.

| feature | counts | reads | known | alerts | fields of its own events | what it says |
| --- | --- | --- | --- | --- | --- | --- |
`
}
