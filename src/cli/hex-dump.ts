const rowBytes = 16
const rowsMost = 32

/** Bytes as people read them: place, hexadecimal, text; the first 512. */
export function hexDump(bytes: Uint8Array): string[] {
  const lines: string[] = []
  for (let at = 0; at < Math.min(bytes.length, rowBytes * rowsMost); at += rowBytes) {
    const row = [...bytes.subarray(at, at + rowBytes)]
    const hex = row.map(byte => byte.toString(16).padStart(2, '0')).join(' ')
    const text = row.map(byte => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`  ${at.toString(16).padStart(6, '0')}  ${hex.padEnd(rowBytes * 3 - 1)}  ${text}`)
  }
  const left = bytes.length - rowBytes * rowsMost
  return left > 0 ? [...lines, `  ... ${left} more bytes`] : lines
}
