// Small integers for what sums are kept of: everything, an airport as origin or destination, a carrier, a carrier at an
// origin, a route. Numbers are given in the order of appearance and never show in a result. 0 stands for what was never
// seen: its sums are zero for ever, so that a look-up needs no branch.

/** The entity that nothing is ever counted for. */
export const nobody = 0
/** The whole air space. */
export const everything = 1

/** The numbers of one origin, destination and carrier. */
export type EntityIds = {
  origin: number
  destination: number
  carrier: number
  originCarrier: number
  route: number
}

export class Entities {
  #count = 2
  readonly #origins = new Map<string, number>()
  readonly #destinations = new Map<string, number>()
  readonly #carriers = new Map<string, number>()
  readonly #originCarriers: Map<string, number>[] = []
  readonly #routes: Map<string, number>[] = []

  /** One more than the highest number given. */
  get count(): number {
    return this.#count
  }

  /** Numbers for a cell or plan of a frame, given now if they are new. */
  enter(origin: string, destination: string, carrier: string): EntityIds {
    const originId = this.#give(this.#origins, origin)
    return {
      origin: originId,
      destination: this.#give(this.#destinations, destination),
      carrier: this.#give(this.#carriers, carrier),
      originCarrier: this.enterOriginCarrier(origin, carrier),
      route: this.#give(inner(this.#routes, originId), destination),
    }
  }

  enterOriginCarrier(origin: string, carrier: string): number {
    return this.#give(inner(this.#originCarriers, this.#give(this.#origins, origin)), carrier)
  }

  /** Numbers for a question; `nobody` for what no frame has named. */
  find(origin: string, destination: string, carrier: string): EntityIds {
    const originId = this.#origins.get(origin) ?? nobody
    return {
      origin: originId,
      destination: this.#destinations.get(destination) ?? nobody,
      carrier: this.#carriers.get(carrier) ?? nobody,
      originCarrier: this.#originCarriers[originId]?.get(carrier) ?? nobody,
      route: this.#routes[originId]?.get(destination) ?? nobody,
    }
  }

  #give(ids: Map<string, number>, name: string): number {
    let id = ids.get(name)
    if (id === undefined) {
      id = this.#count++
      ids.set(name, id)
    }
    return id
  }
}

function inner(maps: Map<string, number>[], id: number): Map<string, number> {
  let map = maps[id]
  if (map === undefined) {
    map = new Map()
    // Holes are filled at once, so that the list stays dense.
    while (maps.length <= id) maps.push(new Map())
    maps[id] = map
  }
  return map
}
