// blobs-files: one file a blob, under a folder; a slash in the address is a folder in it. A blob is written to a
// temporary file, which is on disk before it gets its name, and the name is on disk before `put` answers: after a kill
// or a loss of power there is the whole blob or none.

import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { Failure } from '../lib/failure.ts'
import type { Blobs } from '../runtime/blobs.ts'
import { assertAddress, missing } from './blob-address.ts'

/** No address starts with a dot, so no blob is in here. */
const temporaryFolder = '.unfinished'

export class BlobsFiles implements Blobs {
  readonly #folder: string
  #cleaned: Promise<void> | undefined

  constructor(folder: string) {
    this.#folder = folder
  }

  async put(address: string, bytes: Uint8Array): Promise<void> {
    assertAddress(address)
    const file = this.#fileOf(address)
    try {
      this.#cleaned ??= this.#clean()
      await this.#cleaned
      const temporary = path.join(this.#folder, temporaryFolder, `${process.pid}-${randomUUID()}`)
      await writeDurably(temporary, bytes)
      await makeFolder(path.dirname(file))
      await rename(temporary, file)
      await syncFolder(path.dirname(file))
    } catch (error) {
      throw new Failure('LOG_UNREACHABLE', `cannot write blob ${address}: ${(error as Error).message}`, {
        help: 'Check that the disk has room and that the folder may be written.',
        cause: error,
      })
    }
  }

  async get(address: string): Promise<Uint8Array> {
    assertAddress(address)
    try {
      return await readFile(this.#fileOf(address))
    } catch (error) {
      throw missing(address, error)
    }
  }

  async list(prefix: string): Promise<readonly string[]> {
    const parent = prefix.slice(0, prefix.lastIndexOf('/') + 1)
    if (parent !== '') assertAddress(parent.slice(0, -1))
    const addresses: string[] = []
    await this.#collect(parent, addresses)
    return addresses.filter(address => address.startsWith(prefix)).sort()
  }

  async delete(address: string): Promise<void> {
    assertAddress(address)
    const file = this.#fileOf(address)
    await rm(file, { force: true })
    await syncFolder(path.dirname(file)).catch(unlessAbsent)
  }

  #fileOf(address: string): string {
    return path.join(this.#folder, ...address.split('/'))
  }

  async #collect(parent: string, addresses: string[]): Promise<void> {
    const entries = await readdir(path.join(this.#folder, parent), { withFileTypes: true }).catch(unlessAbsent)
    for (const entry of entries ?? []) {
      if (entry.name.startsWith('.')) continue
      if (entry.isDirectory()) await this.#collect(`${parent}${entry.name}/`, addresses)
      else addresses.push(`${parent}${entry.name}`)
    }
  }

  /** Before the first `put`: what an earlier process left unfinished goes away. */
  async #clean(): Promise<void> {
    const folder = path.join(this.#folder, temporaryFolder)
    await makeFolder(folder)
    for (const name of await readdir(folder)) {
      if (!isRunning(Number.parseInt(name, 10))) await rm(path.join(folder, name), { force: true })
    }
  }
}

async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'w')
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes a folder and those above it, and has their names on disk. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true })
  if (first === undefined) return
  for (let made = folder; made.length >= first.length; made = path.dirname(made)) await syncFolder(path.dirname(made))
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open folders, and needs no such thing
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function isRunning(pid: number): boolean {
  if (pid === process.pid) return true
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function unlessAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error
  return undefined
}
