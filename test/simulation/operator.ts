// Operator: gives the orders of a script, each somewhere within its step and, after a kill, once more. Judge, trainer and
// operator are writers of their own, so that in which order their commands arrive is anybody's guess. The artefact of a
// version is put on the blobs port while commands are on their way, so that stages have to wait for it now and then.

import type { CommandedBy } from '../../src/records.ts'
import { artefactAddress } from '../../src/runtime/artefacts.ts'
import { Bell } from '../../src/runtime/bell.ts'
import type { Blobs } from '../../src/runtime/blobs.ts'
import type { Log } from '../../src/runtime/log.ts'
import type { Codec } from '../../src/runtime/schemas.ts'
import type { Script } from './script.ts'
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
  readonly #given = new Set<object>()

  constructor(options: OperatorOptions) {
    this.#o = options
  }

  async run(): Promise<void> {
    const writers = (['OPERATOR', 'TRAINER', 'JUDGE'] as const).map(by => this.#write(by))
    await Promise.all([this.#putArtefacts(), ...writers])
  }

  /** Event time reaches a mark. Resolves once every order of a step that ends at or before it was given. */
  async mayAdvance(mark: number): Promise<boolean> {
    this.#mark = Math.max(this.#mark, mark)
    this.#bell.ring()
    const wanted = this.#o.script.orders.filter(({ stepEndsAt }) => stepEndsAt <= mark)
    await this.#until(() => wanted.every(order => this.#given.has(order)))
    return true
  }

  async #putArtefacts(): Promise<void> {
    for (const version of versions) {
      const { hash, bytes } = artefactOf(version)
      await this.#o.blobs.put(artefactAddress(hash), bytes)
    }
  }

  async #write(by: CommandedBy): Promise<void> {
    const { script, log, codec } = this.#o
    const orders = script.orders.filter(({ command }) => command.by === by)
    if (orders.length === 0) return
    const claim = await log.claim(by.toLowerCase())
    for (const order of orders) {
      await this.#until(() => this.#mark >= order.afterMark)
      const value = codec.encode('ModelCommand', order.command)
      await claim.commit([{ topic: 'models.commands', partition: 0, key: order.command.version, value }])
      this.#given.add(order)
      this.#bell.ring()
    }
  }

  async #until(holds: () => boolean): Promise<void> {
    for (let seen = this.#bell.count; !holds(); seen = this.#bell.count) await this.#bell.after(seen)
  }
}
