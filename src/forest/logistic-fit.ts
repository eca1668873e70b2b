// Logistic regression of a few columns by maximum likelihood: Newton's steps, halved while they would make the likelihood
// worse. Deterministic; at most 100 steps. With separable rows the likelihood has no maximum: the fit ends, finite, where
// steps stop paying.

export type LogisticRows = {
  /** One array a column, each with one number a row. The intercept comes on top. */
  readonly columns: readonly ArrayLike<number>[]
  /** 0..1 */
  readonly targets: ArrayLike<number>
  readonly weights?: ArrayLike<number> | undefined
}

const stepsMax = 100
const halvingsMax = 40

/** One coefficient a column, and last the intercept. */
export function fitLogistic({ columns, targets, weights }: LogisticRows): number[] {
  const size = columns.length + 1
  const valueAt = (column: number, row: number): number => columns[column]?.[row] ?? 1
  const weightAt = (row: number): number => (weights === undefined ? 1 : (weights[row] as number))
  const marginAt = (coefficients: readonly number[], row: number): number => {
    let margin = coefficients[size - 1] as number
    for (const [column, values] of columns.entries())
      margin += (coefficients[column] as number) * (values[row] as number)
    return margin
  }
  const lossOf = (coefficients: readonly number[]): number => {
    let loss = 0
    for (let row = 0; row < targets.length; row++) {
      const margin = marginAt(coefficients, row)
      loss += weightAt(row) * (softplus(margin) - (targets[row] as number) * margin)
    }
    return loss
  }

  let fitted = Array.from({ length: size }, () => 0)
  let loss = lossOf(fitted)
  for (let step = 0; step < stepsMax; step++) {
    const gradient = Array.from({ length: size }, () => 0)
    const hessian = gradient.map(() => Array.from({ length: size }, () => 0))
    for (let row = 0; row < targets.length; row++) {
      const share = 1 / (1 + Math.exp(-marginAt(fitted, row)))
      const weight = weightAt(row)
      for (let i = 0; i < size; i++) {
        const value = weight * valueAt(i, row)
        gradient[i] = (gradient[i] as number) + value * (share - (targets[row] as number))
        const line = hessian[i] as number[]
        for (let j = 0; j <= i; j++) line[j] = (line[j] as number) + value * valueAt(j, row) * share * (1 - share)
      }
    }
    const direction = solved(hessian, gradient)
    if (direction === null) break
    let next = fitted.map((value, i) => value - (direction[i] as number))
    let nextLoss = lossOf(next)
    for (let halving = 0; !(nextLoss <= loss) && halving < halvingsMax; halving++) {
      next = next.map((value, i) => ((fitted[i] as number) + value) / 2)
      nextLoss = lossOf(next)
    }
    if (!(nextLoss <= loss)) break
    const isDone = next.every((value, i) => Math.abs(value - (fitted[i] as number)) <= 1e-13 * (1 + Math.abs(value)))
    fitted = next
    loss = nextLoss
    if (isDone) break
  }
  return fitted
}

/** ln(1 + e^x) without overflow. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))
}

/** Of a symmetric positive system of which the lower half is given (Cholesky); null if it is not positive. */
function solved(lower: readonly (readonly number[])[], right: readonly number[]): number[] | null {
  const size = right.length
  const factor = lower.map(line => [...line])
  const at = (i: number, j: number): number => factor[i]?.[j] as number
  for (let j = 0; j < size; j++) {
    let pivot = at(j, j)
    for (let k = 0; k < j; k++) pivot -= at(j, k) ** 2
    if (!(pivot > 1e-14 * at(j, j)) || !Number.isFinite(pivot)) return null
    const root = Math.sqrt(pivot)
    ;(factor[j] as number[])[j] = root
    for (let i = j + 1; i < size; i++) {
      let value = at(i, j)
      for (let k = 0; k < j; k++) value -= at(i, k) * at(j, k)
      ;(factor[i] as number[])[j] = value / root
    }
  }
  const solution = [...right]
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) solution[i] = (solution[i] as number) - at(i, k) * (solution[k] as number)
    solution[i] = (solution[i] as number) / at(i, i)
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) solution[i] = (solution[i] as number) - at(k, i) * (solution[k] as number)
    solution[i] = (solution[i] as number) / at(i, i)
  }
  return solution
}
