// A histogram pair as SVG: bars of the current rows, the outline of the reference over them.

import type { Bin, Size } from '../histogram.ts'
import { drawingOf } from '../histogram.ts'

export function HistogramPair({ bins, size, label }: { bins: readonly Bin[]; size: Size; label?: string }) {
  const { bars, outline } = drawingOf(bins, size)
  return (
    <svg
      class="histogram"
      viewBox={`0 -1 ${size.width} ${size.height + 2}`}
      preserveAspectRatio="none"
      {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
    >
      <path class="histogram-current" d={bars} />
      <path class="histogram-reference" d={outline} />
    </svg>
  )
}

/** Says which is which. */
export function HistogramKey() {
  return (
    <span class="histogram-key muted">
      <svg viewBox="0 0 14 10" aria-hidden="true">
        <path class="histogram-current" d="M1 10V3h12v7Z" />
      </svg>
      now
      <svg viewBox="0 0 14 10" aria-hidden="true">
        <path class="histogram-reference" d="M1 10V3h12v7" />
      </svg>
      in training
    </span>
  )
}
