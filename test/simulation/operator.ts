// Operator: gives the orders of a script, each somewhere within its step and, after a kill, once more. The artefact of a
// version is put on the blobs port after it was ordered, so that stages have to wait for it now and then.

import type { Blobs } from '../../src/runtime/blobs.ts'
import { artefactAddress } from '../../src/runtime/artefacts.ts'
import { Bell } from '../../src/runtime/bell.ts'
import type { Claim, Log } from '../../src/runtime/log.ts'
import type { Codec } from '../../src/runtime/schemas.ts'
import type { Order, Script } from './script.ts'
import { artefactOf, versions } from './script-commands.ts'

export type OperatorOptions = {
  readonly script: Script
  readonly log: Log
  readonly blobs: Blobs
  readonly codec: Codec
}

export class Operator {
  readonly #o: OperatorOptions
  readonly #bell = new Bell()
  #mark = Number.NEGATIVE_INFINITY
  #given = 0

  constructor(options: OperatorOptions) {
    this.#o = options
  }

  /** Event time has reached a mark: gives what is to be given by then. */
  async run(): Promise<void> {
    const { script, log, blobs } = this.#o
    const claim = await log.claim('operator')
    for (const version of versions) {
      const { hash, bytes } = artefactOf(version)
      await blobs.put(artefactAddress(hash), bytes)
    }
    for (const order of script.orders) {
      for (let seen = this.#bell.count; this.#mark < order.afterMark; seen = this.#bell.count)
        await this.#bell.after(seen)
      await this.#give(claim, order)
    }
  }

  /** Resolves once every order that belongs to a step which ends at or before `mark` was given. */
  async mayAdvance(mark: number): Promise<boolean> {
    this.#mark = Math.max(this.#mark, mark)
    this.#bell.ring()
    const { orders } = this.#o.script
    const wanted = orders.filter(({ stepEndsAt }) => stepEndsAt <= mark).length
    for (let seen = this.#bell.count; this.#given < wanted; seen = this.#bell.count) await this.#bell.after(seen)
    return true
  }

  async #give(claim: Claim, { command }: Order): Promise<void> {
    const value = this.#o.codec.encode('ModelCommand', command)
    await claim.commit([{ topic: 'models.commands', partition: 0, key: command.version, value }])
    this.#given++
    this.#bell.ring()
  }
}
