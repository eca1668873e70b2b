// Asks the server for JSON. What went wrong is said in words that can be shown.

export type Trouble = { what: string; since: number }

export type Got<T> = { ok: true; value: T } | { ok: false; what: string }

export async function getJson<T>(address: string): Promise<Got<T>> {
  try {
    const response = await fetch(address)
    if (response.ok) return { ok: true, value: (await response.json()) as T }
    const problem = await response.json().catch(() => ({}))
    return { ok: false, what: problem.detail ?? problem.title ?? `HTTP ${response.status}` }
  } catch {
    return { ok: false, what: 'the server did not answer' }
  }
}
