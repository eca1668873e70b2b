// Who listens on a TCP port of this machine. Linux only, and only processes that this user may look into.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export type PortOwner = { readonly pid: number; readonly name: string }

const listening = '0A'

export function portOwner(port: number): PortOwner | undefined {
  const inodes = new Set(['tcp', 'tcp6'].flatMap(table => listenersIn(`/proc/net/${table}`, port)))
  if (inodes.size === 0) return undefined
  for (const pid of entriesOf('/proc').filter(name => /^\d+$/.test(name))) {
    const isOwner = entriesOf(`/proc/${pid}/fd`).some(fd => inodes.has(linkOf(`/proc/${pid}/fd/${fd}`)))
    if (isOwner) return { pid: Number(pid), name: textOf(`/proc/${pid}/comm`).trim() }
  }
  return undefined
}

/** Sockets as /proc/PID/fd names them. Columns: number, local address:port (hexadecimal), remote, state, ..., inode. */
function listenersIn(table: string, port: number): string[] {
  const rows = textOf(table).split('\n').slice(1)
  return rows.flatMap(row => {
    const [, local = '', , state, , , , , , inode] = row.trim().split(/\s+/)
    const isIt = state === listening && Number.parseInt(local.split(':').at(-1) ?? '', 16) === port
    return isIt ? [`socket:[${inode}]`] : []
  })
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
