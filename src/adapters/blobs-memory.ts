import type { Blobs } from '../runtime/blobs.ts'
import { assertAddress, missing } from './blob-address.ts'

/** For tests and simulations: gone with its object. */
export class BlobsMemory implements Blobs {
  readonly #blobs = new Map<string, Uint8Array>()

  async put(address: string, bytes: Uint8Array): Promise<void> {
    assertAddress(address)
    this.#blobs.set(address, new Uint8Array(bytes))
  }

  async get(address: string): Promise<Uint8Array> {
    assertAddress(address)
    const bytes = this.#blobs.get(address)
    if (!bytes) throw missing(address)
    return new Uint8Array(bytes)
  }

  async list(prefix: string): Promise<readonly string[]> {
    return [...this.#blobs.keys()].filter(address => address.startsWith(prefix)).sort()
  }

  async delete(address: string): Promise<void> {
    assertAddress(address)
    this.#blobs.delete(address)
  }
}
