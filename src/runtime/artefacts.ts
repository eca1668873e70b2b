// ArtefactStore: models by content hash, read from the blobs port once and kept. A stage asks and never waits; the task
// parks until the artefact is here. It is checked before it counts as here, and nothing is ever put in its place.

import { hash as digestOf } from 'node:crypto'
import { Failure } from '../lib/failure.ts'
import type { Blobs } from './blobs.ts'
import type { Clock } from './clock.ts'
import type { Artefacts } from './stage.ts'

export type ArtefactOptions<T> = {
  readonly blobs: Blobs
  readonly clock: Clock
  /** Makes an artefact of its bytes. @throws Failure MODEL_CORRUPT, MODEL_MISFIT */
  readonly read: (bytes: Uint8Array) => T
  readonly onLoaded: () => void
  readonly onTrouble: (hash: string, error: unknown) => void
  readonly retryMs: number
}

export class ArtefactStore<T> implements Artefacts<T> {
  readonly #o: ArtefactOptions<T>
  readonly #here = new Map<string, T>()
  readonly #loading = new Map<string, Promise<void>>()
  readonly #stop = new AbortController()

  constructor(options: ArtefactOptions<T>) {
    this.#o = options
  }

  get(hash: string): T | null {
    const artefact = this.#here.get(hash)
    if (artefact !== undefined) return artefact
    if (!this.#loading.has(hash)) this.#loading.set(hash, this.#load(hash))
    return null
  }

  /** Hashes that were asked for and are not here. */
  get missing(): readonly string[] {
    return [...this.#loading.keys()]
  }

  close(): void {
    this.#stop.abort()
  }

  async #load(hash: string): Promise<void> {
    const { blobs, clock, read, retryMs, onLoaded, onTrouble } = this.#o
    while (!this.#stop.signal.aborted) {
      try {
        const bytes = await blobs.get(artefactAddress(hash))
        if (digestOf('sha256', bytes, 'hex') !== hash) {
          throw new Failure(
            'MODEL_CORRUPT',
            `${artefactAddress(hash)} was altered: its content is not that of its name`,
            {
              help: 'Put the original file back; until then predictions that need it wait.',
            },
          )
        }
        this.#here.set(hash, read(bytes))
        this.#loading.delete(hash)
        onLoaded()
        return
      } catch (error) {
        onTrouble(hash, error)
        await clock.sleep(retryMs, this.#stop.signal)
      }
    }
  }
}

export function artefactAddress(hash: string): string {
  return `models/${hash}`
}
