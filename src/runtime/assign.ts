// Who does what, where several engines share the tasks of a page: each task goes to one of those that run its stage, the
// tasks of a stage evenly, and as few as possible change hands. Every input gives one answer, whoever works it out.
//
//   A1  Of m members that run a stage of n tasks, each has n / m of them, rounded down or up.
//   A2  Who has a task keeps it, as far as A1 lets it; of two who say so the newer generation is believed.
//   A3  A free task goes where the same partition of other stages is, then to who has least: what one stage writes the
//       next one reads.
//   A4  Who is to have a task that another one has gets it once that one has let it go: until then it is nobody's.

export type Member = {
  readonly id: string
  /** Names of stages, and of jobs. */
  readonly runs: readonly string[]
  /** Tasks that it had, and by which generation of the agreement. */
  readonly holds: readonly string[]
  readonly generation: number
}

/** `stage-partition`. */
export type Stages = readonly { readonly stage: string; readonly tasks: number }[]

/** @returns the tasks of each member, by its id; a stage that nobody runs is nobody's */
export function assign(stages: Stages, members: readonly Member[]): Map<string, string[]> {
  const given = new Map<string, string[]>(members.map(({ id }) => [id, []]))
  const holders = holdersOf(members)
  const places = new Map<string, Map<number, number>>(members.map(({ id }) => [id, new Map()]))
  const load = (id: string) => (given.get(id) as string[]).length
  const near = (id: string, partition: number) => places.get(id)?.get(partition) ?? 0
  for (const { stage, tasks } of stages) {
    const able = members.filter(({ runs }) => runs.includes(stage)).map(({ id }) => id)
    if (able.length === 0) continue
    const kept = new Map<string, number[]>(able.map(id => [id, []]))
    for (let partition = 0; partition < tasks; partition++) {
      kept.get(holders.get(`${stage}-${partition}`) ?? '')?.push(partition)
    }
    const held = (id: string) => (kept.get(id) as number[]).length
    const order = able.toSorted((a, b) => held(b) - held(a) || load(a) - load(b) || (a < b ? -1 : 1))
    const quotas = new Map(
      order.map((id, rank) => [id, Math.floor(tasks / able.length) + +(rank < tasks % able.length)]),
    )
    const own = new Map(order.map(id => [id, (kept.get(id) as number[]).slice(0, quotas.get(id))]))
    const taken = new Set([...own.values()].flat())
    for (let partition = 0; partition < tasks; partition++) {
      if (taken.has(partition)) continue
      const free = order.filter(id => (own.get(id) as number[]).length < (quotas.get(id) as number))
      const [best] = free.toSorted(
        (a, b) => near(b, partition) - near(a, partition) || load(a) - load(b) || (a < b ? -1 : 1),
      )
      own.get(best as string)?.push(partition)
    }
    for (const [id, partitions] of own) {
      for (const partition of partitions.sort((a, b) => a - b)) {
        given.get(id)?.push(`${stage}-${partition}`)
        places.get(id)?.set(partition, near(id, partition) + 1)
      }
    }
  }
  return given
}

/** What one has from now on, and what it is to let go of, for others. */
export type Share = { readonly tasks: readonly string[]; readonly letGo: readonly string[] }

/**
 * As `assign`, by rule A4. Jobs are not waited for.
 * @param jobs names; of one task each
 */
export function shares(stages: Stages, jobs: readonly string[], members: readonly Member[]): Map<string, Share> {
  const dealt = assign([...stages, ...jobs.map(stage => ({ stage, tasks: 1 }))], members)
  const holders = holdersOf(members)
  const isJob = new Set(jobs.map(job => `${job}-0`))
  return new Map(
    members.map(({ id, holds }): [string, Share] => {
      const given = dealt.get(id) ?? []
      const isFree = (task: string) => isJob.has(task) || (holders.get(task) ?? id) === id
      const letGo = holds.filter(task => !isJob.has(task) && holders.get(task) === id && !given.includes(task))
      return [id, { tasks: given.filter(isFree), letGo }]
    }),
  )
}

/** Who has which task, by what they say. */
function holdersOf(members: readonly Member[]): Map<string, string> {
  const holders = new Map<string, string>()
  const oldestFirst = members.toSorted((a, b) => a.generation - b.generation || (a.id < b.id ? 1 : -1))
  for (const { id, holds } of oldestFirst) for (const task of holds) holders.set(task, id)
  return holders
}
