// Asks the server for JSON. What went wrong is said in words that can be shown.

export type Trouble = { what: string; since: number }

export type Got<T> = { ok: true; value: T } | { ok: false; what: string }

export function getJson<T>(address: string): Promise<Got<T>> {
  return ask<T>(address)
}

export function postJson<T>(address: string, body: unknown): Promise<Got<T>> {
  const headers = { 'content-type': 'application/json' }
  return ask<T>(address, { method: 'POST', headers, body: JSON.stringify(body) })
}

async function ask<T>(address: string, init?: RequestInit): Promise<Got<T>> {
  try {
    const response = await fetch(address, init)
    if (response.ok) return { ok: true, value: (await response.json()) as T }
    const problem = await response.json().catch(() => ({}))
    return { ok: false, what: problem.detail ?? problem.title ?? `HTTP ${response.status}` }
  } catch {
    return { ok: false, what: 'the server did not answer' }
  }
}
