// Whether a dataset has drifted: whether the share of its columns that drifted has reached a share, half of them unless
// another is given. Columns without a verdict (not enough rows) are not counted; without any verdict there is none here.

export type DatasetDrift = {
  /** null: no column could be compared. */
  readonly drifted: boolean | null
  /** Columns drifted by columns compared; null: none was compared. */
  readonly share: number | null
  readonly driftedColumns: number
  readonly comparedColumns: number
}

const driftShare = 0.5

/** @param share 0..1 */
export function datasetDrift(
  columns: Iterable<{ readonly drifted: boolean | null }>,
  share: number = driftShare,
): DatasetDrift {
  let driftedColumns = 0
  let comparedColumns = 0
  for (const { drifted } of columns) {
    if (drifted === null) continue
    comparedColumns++
    if (drifted) driftedColumns++
  }
  if (comparedColumns === 0) return { drifted: null, share: null, driftedColumns, comparedColumns }
  const reached = driftedColumns / comparedColumns
  return { drifted: reached >= share, share: reached, driftedColumns, comparedColumns }
}
