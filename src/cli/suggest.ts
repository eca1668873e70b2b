// "Did you mean": the known words nearest to one that is unknown.

/** At most three of `known`, nearest first: one or two slips away, or beginning alike. */
export function nearest(word: string, known: readonly string[]): string[] {
  const wanted = word.toLowerCase()
  const slipsMax = wanted.length <= 4 ? 1 : 2
  return known
    .map(each => ({ each, slips: slipsBetween(wanted, each.toLowerCase()) }))
    .filter(({ each, slips }) => slips <= slipsMax || (wanted.length >= 3 && each.toLowerCase().startsWith(wanted)))
    .sort((a, b) => a.slips - b.slips || (a.each < b.each ? -1 : 1))
    .slice(0, 3)
    .map(({ each }) => each)
}

/** `Did you mean "topics"?`, or what to say when nothing is near. */
export function didYouMean(word: string, known: readonly string[], otherwise: string): string {
  const near = nearest(word, known).map(each => `"${each}"`)
  return near.length === 0 ? otherwise : `Did you mean ${near.join(' or ')}?`
}

/** Letters changed, added, left out or swapped with the next (optimal string alignment). */
function slipsBetween(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let slips = Math.min(
        (last[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (last[j - 1] as number) + (same ? 0 : 1),
      )
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) slips = Math.min(slips, (beforeLast[j - 2] as number) + 1)
      row.push(slips)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] as number
}
