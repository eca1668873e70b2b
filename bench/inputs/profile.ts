// Reads V8's .cpuprofile: a tree of calls, and every so often a sample that names the node on top of the stack.
//
//   self        time of the samples in the function itself
//   inclusive   of the samples in it or in what it called; recursion counts once

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

type CallFrame = { functionName: string; url: string; lineNumber: number }
type ProfileNode = { id: number; callFrame: CallFrame; children?: number[] }
type Profile = { nodes: ProfileNode[]; samples: number[]; timeDeltas: number[] }

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Tables of each thread's heaviest functions as text, the thread with the most work first. */
export function profileTables(folder: string, rows: number): string {
  const profiles = readdirSync(folder)
    .filter(file => file.endsWith('.cpuprofile'))
    .map(file => timesOf(JSON.parse(readFileSync(join(folder, file), 'utf8')) as Profile))
    .sort((a, b) => b.busyMs - a.busyMs)
  return profiles
    .map(({ self, inclusive, busyMs }, index) => {
      const head = `thread ${index + 1}: ${Math.round(busyMs).toLocaleString('en')} ms outside (idle)`
      const count = index === 0 ? rows : Math.ceil(rows / 3)
      return [
        head,
        '',
        `by self time, the ${count} heaviest`,
        ...table(self, busyMs, count),
        '',
        `by inclusive time, the ${count} heaviest`,
        ...table(inclusive, busyMs, count),
        '',
      ].join('\n')
    })
    .join('\n')
}

type Times = { self: Map<string, number>; inclusive: Map<string, number>; busyMs: number }

function timesOf({ nodes, samples, timeDeltas }: Profile): Times {
  const byId = new Map(nodes.map(node => [node.id, node]))
  const parents = new Map(nodes.flatMap(node => (node.children ?? []).map(child => [child, node.id] as const)))
  const spent = new Map<number, number>()
  for (const [index, id] of samples.entries()) spent.set(id, (spent.get(id) ?? 0) + (timeDeltas[index] ?? 0) / 1000)
  const times: Times = { self: new Map(), inclusive: new Map(), busyMs: 0 }
  const add = (to: Map<string, number>, name: string, ms: number) => to.set(name, (to.get(name) ?? 0) + ms)
  for (const [id, ms] of spent) {
    const name = nameOf(byId.get(id) as ProfileNode)
    if (name === '(idle)') continue
    times.busyMs += ms
    add(times.self, name, ms)
    const seen = new Set<string>()
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const caller = nameOf(byId.get(at) as ProfileNode)
      if (caller === '(root)' || seen.has(caller)) continue
      seen.add(caller)
      add(times.inclusive, caller, ms)
    }
  }
  return times
}

function nameOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const name = functionName || 'anonymous'
  if (url === '') return name
  const file = url.startsWith('file:') ? fileURLToPath(url).replace(root, '') : url
  return `${name}  ${file}:${lineNumber + 1}`
}

function table(times: ReadonlyMap<string, number>, totalMs: number, rows: number): string[] {
  return [...times]
    .sort(([, a], [, b]) => b - a)
    .slice(0, rows)
    .map(([name, ms]) => `${((ms / totalMs) * 100).toFixed(1).padStart(5)} %  ${ms.toFixed(0).padStart(7)} ms  ${name}`)
}
